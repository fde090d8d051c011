import Clocks

extension LimiterState {
    /// The remaining amounts of `key`.
    mutating func rates(of key: KeyRecord, at now: LimitTime) -> RateLimits {
        let now = passTime(to: now)
        let indices = enter(key, at: now)
        return rates(at: indices, at: now)
    }

    /// The remaining amounts of scopes that are advanced to `now`, without the account's: all keys share those, and programs
    /// pace themselves by what they read.
    mutating func rates(at indices: ScopeTable.Indices, at now: LimitTime) -> RateLimits {
        var rates = RateLimits()
        scopes.usages[indices.key].addRates(to: &rates, windows, at: now)
        if let team = indices.team { scopes.usages[team].addRates(to: &rates, windows, at: now) }
        return rates
    }

    /// Every limit that applies to `key`; without a key, the account's.
    mutating func states(of key: KeyRecord?, at now: LimitTime) -> [LimitState] {
        let now = passTime(to: now)
        var states: [LimitState] = []
        func collect(_ index: Int, _ scope: LimitScope) {
            let tier = scopes.usages[index].limits?.name ?? ""
            scopes.usages[index].forEachLimit(windows) { kind, limit, used, reserved, window in
                states.append(
                    LimitState(
                        scope: scope, tier: tier, kind: kind, limit: limit, used: used, reserved: reserved,
                        window: window))
            }
        }
        if let key {
            let indices = enter(key, at: now)
            collect(indices.key, .key)
            if let team = indices.team { collect(team, .team(key.team ?? "")) }
        } else {
            advance(ScopeTable.account, at: now)
        }
        collect(ScopeTable.account, .account)
        return states
    }
}
