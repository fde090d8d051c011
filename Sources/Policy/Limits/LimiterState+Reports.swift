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
        for place in 0..<indices.ownParts {
            scopes.usages[indices.parts[place]].addRates(to: &rates, windows, at: now)
        }
        return rates
    }

    /// Every limit that applies to `key`, with those of its models and of the users that use some; without a key, the account's.
    mutating func states(of key: KeyRecord?, at now: LimitTime) -> [LimitState] {
        let now = passTime(to: now)
        var states: [LimitState] = []
        guard let key else {
            advance(ScopeTable.account, at: now)
            addStates(of: ScopeTable.account, to: &states, at: now)
            return states
        }
        enter(key, at: now).forEach { addStates(of: $0, to: &states, at: now) }
        return states
    }

    /// Adds the limits of the scope at `owner`, which is advanced to `now`, and those of its parts.
    private mutating func addStates(of owner: Int, to states: inout [LimitState], at now: LimitTime) {
        let scope = scope(at: owner)
        addStates(at: owner, scope, nil, to: &states)
        guard let limits = scopes.usages[owner].limits?.parts else { return }
        for entry in limits.models {
            let index = scopes.index(of: entry, in: owner)
            advance(index, at: now)
            addStates(at: index, scope, .model(entry.name), to: &states)
        }
        guard limits.user != nil, let users = scopes.parts(of: owner)?.users else { return }
        for (name, index) in users.sorted(by: { $0.key < $1.key }) {
            advance(index, at: now)
            addStates(at: index, scope, .user(name), to: &states)
        }
    }

    private func addStates(at index: Int, _ scope: LimitScope, _ part: LimitPart?, to states: inout [LimitState]) {
        let tier = scopes.usages[index].limits?.name ?? ""
        scopes.usages[index].forEachLimit(windows) { kind, limit, used, reserved, window in
            states.append(
                LimitState(
                    scope: scope, part: part, tier: tier, kind: kind, limit: limit, used: used, reserved: reserved,
                    window: window))
        }
    }
}
