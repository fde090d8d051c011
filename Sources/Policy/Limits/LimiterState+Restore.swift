import Bytes
import Clocks

extension LimiterState {
    /// The length of the history for limits per minute. A bucket is empty after a minute without a request, unless a request
    /// used more than it had reserved.
    private static let recentTime = Duration.seconds(180)

    /// The time that the history for `restore` or `step` at `now` has to cover.
    func historySpan(at now: LimitTime) -> LimitHistory.Span {
        var spans: [LimitWindow: Range<Timestamp>] = [:]
        for window in LimitWindow.allCases {
            let seconds = windows.seconds(of: window, at: now.wall.seconds, in: rules.zone)
            spans[window] = Timestamp(seconds: seconds.lowerBound)..<Timestamp(seconds: seconds.upperBound)
        }
        return LimitHistory.Span(
            windows: spans, recent: rules.limitMinutes ? now.wall + (.zero - Self.recentTime)...now.wall : nil,
            lastCorrection: lastCorrection, hasParts: rules.haveParts)
    }

    /// Adds the usage of earlier processes.
    mutating func restore(_ history: LimitHistory, keys records: KeySnapshot, at now: LimitTime) {
        let now = passTime(to: now)
        add(history, in: LimitWindow.allCases, records, at: now)
        lastCorrection = max(lastCorrection ?? 0, history.lastCorrection)
        for requests in history.recent {
            let age = max(0, now.wall.microseconds.subtractingSaturated(requests.startedAt.microseconds))
            let then = now.monotonic.subtractingSaturated(age)
            forEachScope(of: restoredScopes(requests.owner, records, at: now)) {
                $0.drain(to: then)
                $0.chargeBuckets(requests.isOfBatches ? requests.amounts.besideBatches : requests.amounts)
            }
        }
        silenceAlerts()
    }

    /// Continues from the wall clock of `now`. Usage of the windows that were not current comes from `history`; limits per
    /// minute do not depend on the wall clock.
    mutating func step(to now: LimitTime, _ history: LimitHistory, keys records: KeySnapshot) {
        let before = passTime(to: now)
        for correction in history.corrections { count(correction, in: LimitWindow.allCases, records, at: before) }
        lastCorrection = max(lastCorrection ?? 0, history.lastCorrection)
        let entered = adopt(now)
        for index in scopes.usages.indices {
            advance(index, at: before)
            // A scope without a request since the clock was last in a window still has its usage.
            for window in entered { scopes.usages[index].forgetUsage(in: window) }
        }
        future.removeAll()
        add(history, in: entered, records, at: now)
        silenceAlerts()
    }

    private mutating func add(
        _ history: LimitHistory, in entered: [LimitWindow], _ records: KeySnapshot, at now: LimitTime
    ) {
        for window in entered {
            for use in history.uses[window] ?? [] {
                forEachScope(of: restoredScopes(use.owner, records, at: now)) {
                    $0.add(use.amounts, in: window, isOfBatches: use.isOfBatches)
                }
            }
        }
        for credit in history.credits { count(credit, in: entered, records, at: now) }
        for requests in history.future {
            future.add(
                FutureUsage.Entry(
                    second: requests.startedAt.seconds,
                    scopes: restoredScopes(requests.owner, records, at: now),
                    amounts: requests.amounts, isOfBatches: requests.isOfBatches))
        }
    }

    /// Passes over the alerts for percentages that an earlier process, or the time before a step, has reached.
    mutating func silenceAlerts() {
        for index in scopes.usages.indices { scopes.usages[index].forEachAlert { _, _, _, _ in } }
    }

    /// Finds or makes the scopes of `owner`, which may be a key that is gone by now.
    mutating func restoredScopes(
        _ owner: UsageOwner, _ records: KeySnapshot, at now: LimitTime
    ) -> ScopeTable.Indices {
        let key = scopes.index(ofKey: owner.keyID)
        let limits = records[owner.keyID].flatMap { rules.limits(of: $0, at: now.wall) }
        setLimits(limits, ofKeyAt: key, at: now)
        var indices = ScopeTable.Indices(key: key, team: owner.team.map { scopes.index(ofTeam: $0, rules) })
        if rules.haveParts { addParts(owner.model, owner.user, to: &indices, at: now) }
        return indices
    }
}
