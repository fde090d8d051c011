import Clocks
import Policy
import Settings
import Testing

@testable import propylon

@Suite struct ChangeTextTests {
    private func key(_ name: String, tier: String, team: String? = nil, isRevoked: Bool = false) -> KeyRecord {
        KeyRecord(
            id: "id-\(name)", name: name, tier: tier, team: team, createdAt: Timestamp(seconds: 1),
            revokedAt: isRevoked ? Timestamp(seconds: 2) : nil, digest: KeyDigest(1, 2, 3, 4))
    }

    private func lines(_ old: String, _ new: String) throws -> [String] {
        let keys = [
            key("ada", tier: "s", team: "red"), key("bob", tier: "monthly", team: "blue"), key("eve", tier: "s"),
            key("old", tier: "s", isRevoked: true),
        ]
        let new = try configuration(new)
        let differences = try new.differences(fromShown: configuration(old).show())
        return ChangeText(differences, to: new, keys: keys).text.split(separator: "\n").map(String.init)
    }

    @Test func nothingToSay() throws {
        #expect(
            try lines("tiers: { s: {} }\n", "tiers: { s: {} }\n") == ["The running gateway has this configuration."])
    }

    @Test func keysOfTiersTeamsAndTheAccount() throws {
        let old = "tiers: { s: {} }\nteams: { red: { tier: tier-1 }, blue: { tier: s } }\nupstream: { tier: s }\n"
        let new =
            "tiers: { s: { weight: 2 } }\nteams: { red: { tier: tier-2 }, blue: { tier: s } }\nupstream: { tier: s }\n"
        #expect(
            try lines(old, new) == [
                "tiers.s.weight: 1 -> 2", "teams.red.tier: tier-1 -> tier-2",
                "affects 2 keys of the tier s: id-ada (ada), id-eve (eve)",
                "affects 1 key of the team blue, which has the tier s: id-bob (bob)",
                "affects 3 keys that share the upstream account, which has the tier s: id-ada (ada), id-bob (bob), id-eve (eve)",
                "affects 1 key of the team red: id-ada (ada)",
            ])
    }

    @Test func theDefaultTierIsThatOfNewKeys() throws {
        #expect(
            try lines("tiers: { s: {} }\n", "tiers: { s: {} }\ndefault_tier: s\n") == [
                "default_tier: monthly -> s",
                "affects keys that are created without --tier from now on: they have the tier s",
            ])
    }

    @Test func aTierThatGoesLeavesItsKeys() throws {
        let lines = try lines("data: a\ntiers: { s: {} }\n", "data: b\n")
        #expect(lines.first == "data: a -> b (at the next start)")
        #expect(lines.contains("tiers.s: removed"))
        #expect(lines.contains("affects 2 keys of the tier s: id-ada (ada), id-eve (eve)"))
        #expect(lines.last?.hasPrefix("warning: the configuration has no tier \"s\", but keys have it") == true)
    }
}
