import Clocks

/// Usage of all scopes: the account, and every key and team that has come so far.
///
/// A scope is never removed: the history of a key outlives its moves between tiers.
struct ScopeTable: Sendable {
    /// The index of the account.
    static let account = 0

    /// The scopes of one request, as indices of `usages`.
    struct Indices: Sendable {
        let key: Int
        let team: Int?
    }

    /// The account first, then keys and teams in the order of their first request.
    var usages: [ScopeUsage]
    private var keys: [String: Int] = [:]
    private var teams: [String: Int] = [:]

    init(_ rules: LimitRules) { usages = [ScopeUsage(name: "account", limits: rules.account)] }

    /// Finds or makes the scopes of `key`.
    mutating func indices(of key: KeyRecord, _ rules: LimitRules) -> Indices {
        Indices(key: index(of: key), team: key.team.map { index(ofTeam: $0, of: key, rules) })
    }

    /// Sets the limits that `rules` say for every scope at `now`.
    mutating func apply(_ rules: LimitRules, at now: Timestamp) {
        usages[Self.account].limits = rules.account
        for index in keys.values {
            usages[index].limits = usages[index].limits.flatMap { rules.limits(after: $0, at: now) }
        }
        for (name, index) in teams { usages[index].limits = rules.team(name) }
    }

    /// Finds or makes the scope of the key with the public id `id`.
    mutating func index(ofKey id: String) -> Int {
        if let index = keys[id] { return index }
        usages.append(ScopeUsage(name: id))
        keys[id] = usages.count - 1
        return usages.count - 1
    }

    /// Finds or makes the scope of the team `name`, whose limits change with the rules alone.
    mutating func index(ofTeam name: String, _ rules: LimitRules) -> Int {
        if let index = teams[name] { return index }
        usages.append(ScopeUsage(name: name, isTeam: true, limits: rules.team(name)))
        teams[name] = usages.count - 1
        return usages.count - 1
    }

    private mutating func index(of key: KeyRecord) -> Int {
        let hint = key.scopeHint.load(ordering: .relaxed)
        if hint != Self.account, hint < usages.count, !usages[hint].isTeam, usages[hint].name == key.id { return hint }
        let index = index(ofKey: key.id)
        key.scopeHint.store(index, ordering: .relaxed)
        return index
    }

    private mutating func index(ofTeam name: String, of key: KeyRecord, _ rules: LimitRules) -> Int {
        let hint = key.teamScopeHint.load(ordering: .relaxed)
        if hint != Self.account, hint < usages.count, usages[hint].isTeam, usages[hint].name == name { return hint }
        let index = index(ofTeam: name, rules)
        key.teamScopeHint.store(index, ordering: .relaxed)
        return index
    }
}
