import Clocks

/// The state of a limiter: the usage of all scopes, and the rules.
struct LimiterState {
    var rules: LimitRules
    /// The wall time of all limits; nil before the first call.
    private var clock: WallClockFollower?
    var windows = CurrentWindows()
    var scopes: ScopeTable
    var heldParts = HeldParts()
    var left = LeftReservations()
    var future = FutureUsage()
    var shares = FairShares()
    var pauses = RefusalPauses()
    var ratios = InputRatios()
    /// The number of the last correction of the ledger that is counted; nil before `restore`.
    var lastCorrection: Int64?

    init(_ rules: LimitRules) {
        self.rules = rules
        scopes = ScopeTable(rules)
    }

    /// Replaces the rules. Buckets drain at the old limits until `now`.
    mutating func replace(_ rules: LimitRules, at now: LimitTime) {
        let now = passTime(to: now)
        for index in scopes.usages.indices { advance(index, at: now) }
        if self.rules.zone != rules.zone { windows.adopt(rules.zone, at: now.wall) }
        self.rules = rules
        scopes.apply(rules, at: now)
        shares.noteNewWeights()
    }

    /// Lets time pass up to `now`, and returns the moment with the wall time that limits count by.
    ///
    /// The wall clock counts at the first call and at a `step` alone. In between the monotonic clock says how much time has
    /// passed, so that nothing depends on a wall clock that was set, or on a moment from before a step.
    mutating func passTime(to now: LimitTime) -> LimitTime {
        let clock = clock ?? WallClockFollower(at: now)
        self.clock = clock
        let now = LimitTime(wall: clock.wall(at: now.monotonic), monotonic: now.monotonic)
        if windows.haveEnded(at: now.wall) { openWindows(at: now) }
        return now
    }

    /// Continues from the wall clock of `now`, in the windows at that time. Returns those that were not current.
    mutating func adopt(_ now: LimitTime) -> [LimitWindow] {
        clock = WallClockFollower(at: now)
        return windows.step(to: now.wall, in: rules.zone)
    }

    /// Opens the windows at `now`, with the usage that a clock which was ahead has left in them.
    private mutating func openWindows(at now: LimitTime) {
        let entered = windows.advance(to: now.wall, in: rules.zone)
        let future = future
        for window in entered {
            future.forEach(in: windows.seconds(of: window)) { entry in
                forEachScope(of: entry.scopes, withAccount: entry.concernsAccount) {
                    $0.add(entry.amounts, in: window, isOfBatches: entry.isOfBatches)
                }
            }
        }
        self.future.remove(before: windows.firstEnd)
        if self.future.isEmpty { scopes.removeUnusedUsers(windows.numbers, at: now) }
    }

    /// Calls `body` for the scopes of a request, in the current windows.
    mutating func forEachScope(
        of indices: ScopeTable.Indices, withAccount hasAccount: Bool = true, _ body: (inout ScopeUsage) -> Void
    ) {
        indices.forEach { index in
            guard hasAccount || index != ScopeTable.account else { return }
            scopes.usages[index].enter(windows.numbers, at: index, &left)
            body(&scopes.usages[index])
        }
    }

    /// The scopes of `reservation`.
    func indices(of reservation: borrowing Reservation) -> ScopeTable.Indices {
        var indices = ScopeTable.Indices(key: reservation.key, team: reservation.team)
        if reservation.parts >= 0 { indices.parts = heldParts[reservation.parts].indices }
        return indices
    }

    /// Finds or makes the scopes of `key`, and advances all of them to `now`, a result of `passTime`.
    ///
    /// - Parameters:
    ///   - model: the model of a request, for the parts of the scopes; nil for none.
    ///   - user: the user of a request, for the parts of the scopes; nil for none.
    mutating func enter(
        _ key: KeyRecord, model: String? = nil, user: String? = nil, at now: LimitTime
    ) -> ScopeTable.Indices {
        var indices = scopes.indices(of: key, rules)
        // Buckets drain at the limits of the past, before those of another tier or of a grant apply.
        advance(indices, at: now)
        if scopes.usages[indices.key].limits?.hold(for: key, at: now.wall) != true {
            setLimits(rules.limits(of: key, at: now.wall), ofKeyAt: indices.key, at: now)
        }
        if rules.haveParts {
            addParts(model, user, to: &indices, at: now)
            for place in 0..<indices.parts.count { advance(indices.parts[place], at: now) }
        }
        return indices
    }

    /// Gives the key's scope at `index` the limits `limits`.
    mutating func setLimits(_ limits: TierLimits?, ofKeyAt index: Int, at now: LimitTime) {
        let former = scopes.usages[index].weight
        scopes.setLimits(limits, at: index, drainingTo: now.monotonic)
        shares.noteWeight(of: scopes.usages[index], insteadOf: former)
    }

    /// Advances the scopes of a request to `now`, a result of `passTime`.
    mutating func advance(_ indices: ScopeTable.Indices, at now: LimitTime) {
        indices.forEach { advance($0, at: now) }
    }

    /// Advances the scope at `index` to `now`, a result of `passTime`.
    mutating func advance(_ index: Int, at now: LimitTime) {
        scopes.usages[index].drain(to: now.monotonic)
        scopes.usages[index].enter(windows.numbers, at: index, &left)
    }
}
