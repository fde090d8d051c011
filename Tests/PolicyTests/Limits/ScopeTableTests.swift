import Clocks
import Testing

@testable import Policy

@Suite struct ScopeTableTests {
    private let rules = LimitRules.of(
        .limited { $0[.requestsPerMinute] = 5 }, .limited("team") { $0[.requestsPerMinute] = 50 },
        teams: ["red": "team"])
    private let now = LimitTime.at().wall

    @Test func theAccountIsFirst() {
        let table = ScopeTable(rules)
        #expect(table.usages.map(\.name) == ["account"])
    }

    @Test func aKeyKeepsItsScope() {
        var table = ScopeTable(rules)
        let key = KeyRecord.of("key", team: "red")
        let first = table.indices(of: key, rules)
        let second = table.indices(of: key, rules)
        #expect(first.key == second.key)
        #expect(first.team == second.team)
        #expect(table.usages.count == 3)
    }

    @Test func aKeyAndATeamMayHaveTheSameName() {
        var table = ScopeTable(rules)
        let key = KeyRecord.of("red", team: "red")
        let indices = table.indices(of: key, rules)
        #expect(indices.key != indices.team)
        #expect(table.usages[indices.key].kind == .key)
        #expect(table.usages[indices.team!].kind == .team)
    }

    @Test func aKeyNamedAccountIsNotTheAccount() {
        var table = ScopeTable(rules)
        #expect(table.indices(of: .of("account"), rules).key != ScopeTable.account)
    }

    @Test(arguments: [0, 1, 2, 3, 1000, Int.max])
    func aWrongHintIsNotUsed(hint: Int) {
        var table = ScopeTable(rules)
        let other = table.indices(of: .of("other", team: "blue"), rules)
        let key = KeyRecord.of("key", team: "red")
        let right = table.indices(of: key, rules)
        key.scopeHint.store(hint, ordering: .relaxed)
        key.teamScopeHint.store(hint, ordering: .relaxed)
        let found = table.indices(of: key, rules)
        #expect(found.key == right.key)
        #expect(found.team == right.team)
        #expect(found.key != other.key)
    }

    @Test func recordsOfOneKeyShareItsScopeInEveryLimiter() {
        var first = ScopeTable(rules)
        var second = ScopeTable(rules)
        let key = KeyRecord.of("key", team: "red")
        _ = second.indices(of: .of("other"), rules)
        let indices = first.indices(of: key, rules)
        let others = second.indices(of: key, rules)
        #expect(first.usages[indices.key].name == "key")
        #expect(second.usages[others.key].name == "key")
        #expect(first.indices(of: .of("key"), rules).key == indices.key)
    }

    @Test func aTeamHasTheLimitsOfItsTier() {
        var table = ScopeTable(rules)
        let red = table.index(ofTeam: "red", rules)
        let blue = table.index(ofTeam: "blue", rules)
        #expect(table.usages[red].limits?.name == "team")
        #expect(table.usages[blue].limits == nil)
    }

    @Test func rulesApplyToAllScopes() {
        var table = ScopeTable(rules)
        let key = KeyRecord.of("key", team: "blue")
        let indices = table.indices(of: key, rules)
        table.usages[indices.key].limits = rules.limits(of: .of("key"), at: now)
        let other = LimitRules.of(
            .limited { $0[.requestsPerMinute] = 7 }, .limited("team") { _ in }, teams: ["blue": "team"],
            account: "limited")
        table.apply(other, at: .at())
        #expect(table.usages[indices.key].limits === other.limits(of: key, at: now))
        #expect(table.usages[indices.team!].limits === other.team("blue"))
        #expect(table.usages[ScopeTable.account].limits === other.account)
    }

    @Test func aTierThatIsGoneLimitsNothing() {
        var table = ScopeTable(rules)
        let indices = table.indices(of: .of("key"), rules)
        table.usages[indices.key].limits = rules.limits(of: .of("key"), at: now)
        table.apply(LimitRules(Policies(), accountTier: nil, zone: .utc), at: .at())
        #expect(table.usages[indices.key].limits == nil)
    }
}
