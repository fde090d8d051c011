import Clocks
import Testing

@testable import Policy

@Suite struct UnlistedNameTests {
    private func key(_ id: String, tier: String = "monthly", team: String? = nil, isRevoked: Bool = false) -> KeyRecord
    {
        KeyRecord(
            id: id, name: "name of \(id)", tier: tier, team: team, createdAt: Timestamp(seconds: 1),
            revokedAt: isRevoked ? Timestamp(seconds: 2) : nil, digest: .example(1))
    }

    @Test func tiersAndTeamsOfKeysAreCompared() {
        let policies = Policies(teams: ["research": "tier-1"])
        let keys = [
            key("a", tier: "gone"), key("b", team: "research"), key("c", team: "reserch"), key("d", tier: "gone"),
            key("e", tier: "gone", team: "reserch", isRevoked: true), key("f"),
        ]
        let names = policies.unlistedNames(of: keys)
        #expect(names.map(\.kind) == [.tier, .team])
        #expect(names.map(\.name) == ["gone", "reserch"])
        #expect(names.map { $0.keys.map(\.id) } == [["a", "d"], ["c"]])
    }

    @Test func everyTeamIsListedWhereNoneIs() {
        #expect(Policies().unlistedNames(of: [key("a", team: "any")]).isEmpty)
        #expect(Policies().isListed(team: "any"))
        let policies = Policies(teams: ["red": "tier-1"])
        #expect(!policies.isListed(team: "any"))
        #expect(policies.isListed(team: "red"))
        #expect(policies.isListed(team: nil))
    }

    @Test(arguments: UnlistedName.Kind.allCases) func theWarningNamesTheKeysAndTheRemedy(kind: UnlistedName.Kind) {
        let text = UnlistedName(kind: kind, name: "gone", keys: (0..<12).map { key("k\($0)") }).description
        #expect(text.contains("no \(kind.rawValue) \"gone\""))
        #expect(text.contains("k0 (name of k0), "))
        #expect(text.contains("k9 (name of k9) and 2 more; "))
        #expect(!text.contains("k10"))
        #expect(text.contains("propylon keys set KEY --\(kind.rawValue) NAME"))
    }
}
