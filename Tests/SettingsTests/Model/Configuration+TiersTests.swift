import Policy
import Settings
import Testing

@Suite struct TiersTests {
    @Test func everyMemberIsRead() throws {
        let (configuration, _) = try load(
            """
            tiers:
              student:
                requests_per_minute: 20
                tokens_per_minute: 40_000
                output_tokens_per_hour: 20000
                output_tokens_per_day: 100000
                budget_eur_per_day: 2.5
                budget_eur_per_month: 25
                concurrent_requests: 2
                max_output_tokens: 4096
                output_reservation: 1024
                overrun: stop
                alert_at: [90, 50, 90]
                weight: 3
                models: ["gpt-oss:*"]
                endpoints: chat/completions
            """)
        var tier = Tier(name: "student")
        tier[.requestsPerMinute] = 20
        tier[.tokensPerMinute] = 40_000
        tier[.outputTokensPerHour] = 20_000
        tier[.outputTokensPerDay] = 100_000
        tier[.budgetPerDay] = 2_500_000_000
        tier[.budgetPerMonth] = 25_000_000_000
        tier[.concurrentRequests] = 2
        tier[.maxOutputTokens] = 4096
        tier.outputReservation = 1024
        tier.overrun = .stop
        tier.alertAt = [50, 90]
        tier.weight = 3
        tier.models = [NamePattern("gpt-oss:*")]
        tier.endpoints = [NamePattern("chat/completions")]
        #expect(configuration.tiers["student"] == tier)
        #expect(configuration.policies.tiers == configuration.tiers)
    }

    @Test func vendorsTierKeepsWhatIsNotNamed() throws {
        let (configuration, _) = try load(
            "tiers: {tier-1: {requests_per_minute: 5, output_tokens_per_day: null}, empty: }")
        var tier = try #require(TierTable.vendor["tier-1"])
        tier[.requestsPerMinute] = 5
        tier[.outputTokensPerDay] = nil
        #expect(configuration.tiers["tier-1"] == tier)
        #expect(configuration.tiers["empty"] == Tier(name: "empty"))
    }

    @Test func limitsForModelsAndUsersAreRead() throws {
        let text = """
            tiers:
              student:
                per_model: { "gpt-oss:120b": { tokens_per_day: 50000 }, "qwen*": { budget_eur_total: 2.5 }, none: {} }
                per_user: { budget_eur_per_day: 1, concurrent_requests: 2 }
              off: { per_model: null, per_user: null }
            """
        let tier = try #require(try load(text).0.tiers["student"])
        #expect(tier.perModel == ["gpt-oss:120b": [.tokensPerDay: 50_000], "qwen*": [.budgetInTotal: 2_500_000_000]])
        #expect(tier.perUser == [.budgetPerDay: 1_000_000_000, .concurrentRequests: 2])
        #expect(tier[.concurrentRequests] == nil)
        #expect(try load(text).0.tiers["off"] == Tier(name: "off"))
    }

    @Test(
        arguments: [
            ("{per_model: {m: {tokens_per_dya: 1}}}", "1:29 tiers.a.per_model.m.tokens_per_dya"),
            ("{per_model: {m: {weight: 1}}}", "1:29 tiers.a.per_model.m.weight"),
            ("{per_model: {m: {tokens_per_day: 0}}}", "1:45 tiers.a.per_model.m.tokens_per_day"),
            ("{per_model: {'': {tokens_per_day: 1}}}", "1:29 tiers.a.per_model."),
            ("{per_model: 5}", "1:24 tiers.a.per_model"),
            ("{per_user: {m: {tokens_per_day: 1}}}", "1:24 tiers.a.per_user.m"),
            ("{per_user: {budget_eur_per_day: no}}", "1:44 tiers.a.per_user.budget_eur_per_day"),
            (
                "{per_user: {output_tokens_per_hour: 21, output_tokens_per_day: 20}}",
                "1:48 tiers.a.per_user.output_tokens_per_hour"
            ),
        ])
    func limitsForModelsAndUsersAreChecked(tier: String, place: String) {
        #expect(places("tiers: {a: \(tier)}") == [place])
    }

    /// A limit for an alias would hold for nothing: aliases are replaced before.
    @Test func limitsAreForServedModels() {
        #expect(
            places("tiers: {a: {per_model: {gpt-4o: {tokens_per_day: 1}}}}\nmodels: {aliases: {gpt-4o: m}}") == [
                "1:25 tiers.a.per_model.gpt-4o"
            ])
    }

    @Test func noAlertsAndNoModels() throws {
        let (configuration, _) = try load("tiers: {a: {alert_at: [], models: [], endpoints: null}}")
        #expect(configuration.tiers["a"]?.alertAt == [])
        #expect(configuration.tiers["a"]?.models == [])
        #expect(configuration.tiers["a"]?.endpoints == nil)
    }

    @Test(arguments: [
        ("requests_per_minute: 0", 26), ("tokens_per_minute: -1", 24), ("output_tokens_per_hour: 1.5", 29),
        ("output_tokens_per_day: many", 28), ("budget_eur_per_day: 0", 25), ("budget_eur_per_month: -2", 27),
        ("budget_eur_per_month: 0.0000000001", 27), ("concurrent_requests: 0", 26), ("max_output_tokens: 0", 24),
        ("output_reservation: 0", 25), ("overrun: abort", 14), ("weight: 0", 13), ("weight: 1001", 13),
    ])
    func impossibleValuesAreErrors(member: String, column: Int) {
        let name = member.prefix { $0 != ":" }
        #expect(places("tiers:\n  a:\n    \(member)\n") == ["3:\(column) tiers.a.\(name)"])
    }

    @Test func alertsAreOneToAHundred() {
        #expect(
            places("tiers: {a: {alert_at: [0, 80, 101]}}") == ["1:24 tiers.a.alert_at[0]", "1:31 tiers.a.alert_at[2]"])
    }

    @Test func shorterTimesHaveSmallerLimits() {
        #expect(
            places("tiers: {a: {output_tokens_per_hour: 20, output_tokens_per_day: 10}}") == [
                "1:37 tiers.a.output_tokens_per_hour"
            ])
        #expect(
            places("tiers:\n  tier-1:\n    output_tokens_per_day: 10\n") == ["3:5 tiers.tier-1.output_tokens_per_hour"])
        #expect(
            places("tiers: {a: {budget_eur_per_day: 3, budget_eur_per_month: 2}}") == [
                "1:33 tiers.a.budget_eur_per_day"
            ])
        #expect(places("tiers: {a: {output_tokens_per_hour: 20, output_tokens_per_day: 20}}").isEmpty)
    }

    @Test func namedTiersMustBeThere() throws {
        #expect(places("default_tier: montly") == ["1:15 default_tier"])
        #expect(places("teams: {research: {tier: tier-9}}") == ["1:26 teams.research.tier"])
        #expect(places("teams: {research: {}}") == ["1:19 teams.research"])
        #expect(places("teams: {research: {tier: tier-1, weight: 1}}") == ["1:34 teams.research.weight"])
        #expect(places("upstream: {tier: student}") == ["1:18 upstream.tier"])
        let text =
            "tiers: {student: {}}\ndefault_tier: student\nupstream: {tier: student}\nteams: {research: {tier: student}}"
        let (configuration, _) = try load(text)
        #expect(configuration.defaultTier == "student")
        #expect(configuration.teams == ["research": "student"])
        #expect(configuration.policies.defaultTier == "student")
        #expect(configuration.policies.teams == ["research": "student"])
    }

    @Test func suggestsATier() {
        #expect(issues("tiers: {student: {}}\ndefault_tier: studnet\n")[0].suggestion == "student")
    }
}
