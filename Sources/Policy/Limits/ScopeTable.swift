import Clocks

/// Usage of all scopes: the account, every key and team that has come so far, and the parts of these that have limits.
///
/// A scope is never removed: the history of a key outlives its moves between tiers. Only users are, who use nothing.
struct ScopeTable: Sendable {
    /// The index of the account.
    static let account = 0

    /// The scopes of one request, as indices of `usages`.
    struct Indices: Sendable {
        let key: Int
        let team: Int?
        /// The parts of these and of the account for the request's model and user.
        var parts = PartIndices()
        /// The number of parts of the key and the team, which come first.
        var ownParts = 0

        /// The number of scopes.
        var count: Int { (team == nil ? 2 : 3) + parts.count }

        /// The scope at `place`: the key first, then the team, the account, and the parts.
        @inline(__always)
        subscript(place: Int) -> Int {
            guard let team else { return place == 0 ? key : place == 1 ? ScopeTable.account : parts[place - 2] }
            return place == 0 ? key : place == 1 ? team : place == 2 ? ScopeTable.account : parts[place - 3]
        }

        /// Calls `body` for each scope, in the same order.
        @inline(__always)
        func forEach(_ body: (Int) -> Void) {
            for place in 0..<count { body(self[place]) }
        }
    }

    /// The account first, then the others in the order of their first request.
    var usages: [ScopeUsage]
    /// The parts of scopes that have some, at their `placeOfParts`.
    var parts: [ScopeParts] = []
    /// The indices of users that were removed.
    var free: [Int] = []
    /// The users that are counted by themselves.
    var userCount = 0
    /// The most users of one scope that are counted by themselves. Tests lower it.
    var mostUsersOfScope = ClientWord.usersOfKey
    private var keys: [String: Int] = [:]
    private var teams: [String: Int] = [:]

    init(_ rules: LimitRules) { usages = [ScopeUsage(name: "account", kind: .account, limits: rules.account)] }

    /// Finds or makes the scopes of `key`.
    mutating func indices(of key: KeyRecord, _ rules: LimitRules) -> Indices {
        Indices(key: index(of: key), team: key.team.map { index(ofTeam: $0, of: key, rules) })
    }

    /// Sets the limits that `rules` say for every scope at `now`.
    mutating func apply(_ rules: LimitRules, at now: LimitTime) {
        setLimits(rules.account, at: Self.account, drainingTo: now.monotonic)
        for index in keys.values {
            let limits = usages[index].limits.flatMap { rules.limits(after: $0, at: now.wall) }
            setLimits(limits, at: index, drainingTo: now.monotonic)
        }
        for (name, index) in teams { setLimits(rules.team(name), at: index, drainingTo: now.monotonic) }
    }

    /// Finds or makes the scope of the key with the public id `id`.
    mutating func index(ofKey id: String) -> Int {
        if let index = keys[id] { return index }
        let index = insert(ScopeUsage(name: id, kind: .key))
        keys[id] = index
        return index
    }

    /// Finds or makes the scope of the team `name`, whose limits change with the rules alone.
    mutating func index(ofTeam name: String, _ rules: LimitRules) -> Int {
        if let index = teams[name] { return index }
        let index = insert(ScopeUsage(name: name, kind: .team, limits: rules.team(name)))
        teams[name] = index
        return index
    }

    /// Adds a scope, and returns its index.
    mutating func insert(_ usage: ScopeUsage) -> Int {
        guard let index = free.popLast() else {
            usages.append(usage)
            return usages.count - 1
        }
        usages[index] = usage
        return index
    }

    private mutating func index(of key: KeyRecord) -> Int {
        let hint = key.scopeHint.load(ordering: .relaxed)
        if hint != Self.account, hint < usages.count, usages[hint].kind == .key, usages[hint].name == key.id {
            return hint
        }
        let index = index(ofKey: key.id)
        key.scopeHint.store(index, ordering: .relaxed)
        return index
    }

    private mutating func index(ofTeam name: String, of key: KeyRecord, _ rules: LimitRules) -> Int {
        let hint = key.teamScopeHint.load(ordering: .relaxed)
        if hint != Self.account, hint < usages.count, usages[hint].kind == .team, usages[hint].name == name {
            return hint
        }
        let index = index(ofTeam: name, rules)
        key.teamScopeHint.store(index, ordering: .relaxed)
        return index
    }
}
