import Bytes
import Clocks

extension LimiterState {
    /// The length of the history for limits per minute. A bucket is empty after a minute without a request, unless a request
    /// used more than it had reserved.
    private static let recentTime = Duration.seconds(180)

    /// The time that the history for `restore` has to cover.
    mutating func historySpan(at now: LimitTime) -> LimitHistory.Span {
        windows.advance(to: now.wall, in: rules.zone)
        var starts: [LimitWindow: Timestamp] = [:]
        for window in LimitWindow.allCases {
            starts[window] = Timestamp(seconds: windows.seconds(of: window).lowerBound)
        }
        return LimitHistory.Span(
            starts: starts, recent: rules.limitMinutes ? now.wall + (.zero - Self.recentTime) : nil)
    }

    /// Adds the usage of earlier processes.
    mutating func restore(_ history: LimitHistory, keys records: KeySnapshot, at now: LimitTime) {
        windows.advance(to: now.wall, in: rules.zone)
        for (window, uses) in history.uses {
            for use in uses {
                for index in restoredScopes(use.keyID, use.team, records) {
                    scopes.usages[index].advance(to: .min, windows.numbers)
                    scopes.usages[index].add(use.amounts, in: window)
                }
            }
        }
        for requests in history.recent {
            let age = max(0, now.wall.microseconds.subtractingSaturated(requests.startedAt.microseconds))
            let then = now.monotonic.subtractingSaturated(age)
            for index in restoredScopes(requests.keyID, requests.team, records) {
                scopes.usages[index].advance(to: then, windows.numbers)
                scopes.usages[index].chargeBuckets(requests.amounts)
            }
        }
        // The earlier process has given the alerts for these percentages.
        for index in scopes.usages.indices { scopes.usages[index].forEachAlert { _, _, _, _ in } }
    }

    private mutating func restoredScopes(_ keyID: String, _ team: String?, _ records: KeySnapshot) -> [Int] {
        let key = scopes.index(ofKey: keyID)
        scopes.usages[key].limits = records[keyID].flatMap { rules.tier($0.tier) }
        guard let team else { return [key, ScopeTable.account] }
        return [key, scopes.index(ofTeam: team, rules), ScopeTable.account]
    }
}
