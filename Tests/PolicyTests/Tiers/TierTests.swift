import Policy
import Testing

@Suite struct TierTests {
    @Test func newTierHasNoLimits() {
        let tier = Tier(name: "free")
        #expect(tier.allows(model: "gpt-oss:120b"))
        #expect(tier.allows(endpoint: "chat/completions"))
        #expect(tier[.requestsPerMinute] == nil)
        #expect(tier[.budgetPerMonth] == nil)
        #expect(tier[.maxOutputTokens] == nil)
        #expect(tier.outputReservation == 4096)
        #expect(tier.overrun == .finish)
        #expect(tier.alertAt == [80, 100])
        #expect(tier.weight == 1)
    }

    @Test func listsAllowWhatMatches() {
        let tier = Tier.example(
            "student", models: ["gpt-oss:*", "granite-embedding:278m"], endpoints: ["chat/*", "models"])
        #expect(tier.allows(model: "gpt-oss:20b"))
        #expect(tier.allows(model: "granite-embedding:278m"))
        #expect(!tier.allows(model: "llama3.3:70b"))
        #expect(tier.allows(endpoint: "chat/completions"))
        #expect(tier.allows(endpoint: "models"))
        #expect(!tier.allows(endpoint: "embeddings"))
    }

    @Test func emptyListAllowsNothing() {
        let tier = Tier.example("none", models: [], endpoints: [])
        #expect(!tier.allows(model: "gpt-oss:20b"))
        #expect(!tier.allows(endpoint: "models"))
    }

    @Test(
        arguments: [
            ("tier-1", 1000, 150_000, 3_600_000), ("tier-2", 3000, 300_000, 7_200_000),
            ("tier-3", 5000, 450_000, 10_800_000),
            ("tier-4", 10_000, 600_000, 14_400_000),
        ] as [(String, Int64, Int64, Int64)])
    func vendorTiersAreThoseOfItsPage(name: String, euros: Int64, perHour: Int64, perDay: Int64) throws {
        let tier = try #require(TierTable.vendor[name])
        #expect(tier[.budgetPerMonth] == euros * 1_000_000_000)
        #expect(tier[.outputTokensPerHour] == perHour)
        #expect(tier[.outputTokensPerDay] == perDay)
    }

    @Test func monthlyHasNoLimit() {
        #expect(TierTable.vendor["monthly"] == Tier(name: "monthly"))
        #expect(TierTable.vendor.all.map(\.name) == ["monthly", "tier-1", "tier-2", "tier-3", "tier-4"])
    }

    @Test func tableTakesAdditionsAndReplacements() {
        let table = TierTable(overriding: [.example("student"), .example("tier-1", models: ["a"])])
        #expect(table["student"] == .example("student"))
        #expect(table["tier-1"] == .example("tier-1", models: ["a"]))
        #expect(table["tier-2"] == TierTable.vendor["tier-2"])
        #expect(table["tier-9"] == nil)
        #expect(table.all.map(\.name) == ["monthly", "student", "tier-1", "tier-2", "tier-3", "tier-4"])
    }
}
