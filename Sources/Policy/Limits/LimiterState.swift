import Clocks

/// The state of a limiter: the usage of all scopes, and the rules.
struct LimiterState {
    var rules: LimitRules
    var windows = CurrentWindows()
    var scopes: ScopeTable
    var shares = FairShares()

    init(_ rules: LimitRules) {
        self.rules = rules
        scopes = ScopeTable(rules)
    }

    /// Replaces the rules. Buckets drain at the old limits until `now`.
    mutating func replace(_ rules: LimitRules, at now: LimitTime) {
        windows.advance(to: now.wall, in: self.rules.zone)
        for index in scopes.usages.indices { scopes.usages[index].advance(to: now.monotonic, windows.numbers) }
        if self.rules.zone != rules.zone { windows.adopt(rules.zone, at: now.wall) }
        self.rules = rules
        scopes.apply(rules)
    }

    /// Finds or makes the scopes of `key`, and advances all of them to `now`.
    mutating func enter(_ key: KeyRecord, at now: LimitTime) -> ScopeTable.Indices {
        let indices = scopes.indices(of: key, rules)
        // Buckets drain at the limits of the past, before those of a tier apply that the key may have moved to.
        advance(indices, at: now)
        if scopes.usages[indices.key].limits?.name != key.tier {
            scopes.usages[indices.key].limits = rules.tier(key.tier)
        }
        return indices
    }

    /// Advances the windows and the scopes of a request to `now`.
    mutating func advance(_ indices: ScopeTable.Indices, at now: LimitTime) {
        windows.advance(to: now.wall, in: rules.zone)
        scopes.usages[indices.key].advance(to: now.monotonic, windows.numbers)
        if let team = indices.team { scopes.usages[team].advance(to: now.monotonic, windows.numbers) }
        scopes.usages[ScopeTable.account].advance(to: now.monotonic, windows.numbers)
    }
}
