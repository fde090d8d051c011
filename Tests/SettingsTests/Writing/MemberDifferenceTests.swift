import Testing

@testable import Settings

@Suite struct MemberDifferenceTests {
    private func differences(_ old: String, _ new: String) throws -> [String] {
        let (old, new) = (try load(old).0, try load(new).0)
        return try new.differences(fromShown: try old.show()).map { difference in
            "\(difference.path) \(difference.old ?? "nil") \(difference.new ?? "nil")"
                + (difference.needsRestart ? " restart" : "")
        }
    }

    @Test func equalConfigurationsHaveNone() throws {
        #expect(try differences("", "").isEmpty)
        let text = "tiers: { \"a.b\": { models: [\"5\", \"gpt-oss:*\"] } }\nadmin: { token: secret-1 }\n"
        #expect(try differences(text, text).isEmpty)
    }

    @Test func eachMemberIsOne() throws {
        #expect(
            try differences(
                "data: ./a\ntiers: { s: { weight: 1 } }\n",
                "data: ./b\ntiers: { s: { weight: 2, models: [\"x\", \"y\"] } }\nlisten: [127.0.0.1:1, 127.0.0.1:2]\n"
            ) == [
                "listen [{ address: 127.0.0.1:8080 }] [{ address: 127.0.0.1:1 }, { address: 127.0.0.1:2 }]",
                "data ./a ./b restart", "tiers.s.weight 1 2", "tiers.s.models null [x, y]",
            ])
    }

    @Test func entriesOfTablesComeAndGo() throws {
        #expect(
            try differences("teams: { a: { tier: tier-1 } }\n", "teams: { b: { tier: tier-2 } }\n") == [
                "teams.b nil { tier: tier-2 }", "teams.a { tier: tier-1 } nil",
            ])
        #expect(try differences("", "models: { aliases: { a: b } }\n") == ["models.aliases.a nil b"])
        #expect(try differences("models: { aliases: { a: b } }\n", "") == ["models.aliases.a b nil"])
    }

    @Test func aDotInANameIsNoStep() throws {
        let new = try load("tiers: { a.b: { weight: 2 } }\n").0
        let old = try load("tiers: { a.b: { weight: 3 } }\n").0
        #expect(try new.differences(fromShown: old.show()).map(\.names) == [["tiers", "a.b", "weight"]])
    }

    @Test func secretsDoNotDiffer() throws {
        #expect(try differences("admin: { token: secret-1 }\n", "admin: { token: secret-2 }\n").isEmpty)
        #expect(try differences("admin: { token: secret-1 }\n", "") == ["admin.token \(Secret.mask) null"])
    }

    @Test func restartMembersAreThoseOfTheTable() {
        #expect(Configuration.restartMembers.contains("data"))
        #expect(Configuration.restartMembers.contains("limits.connections"))
        #expect(!Configuration.restartMembers.contains("listen"))
    }
}
