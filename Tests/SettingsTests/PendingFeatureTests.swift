import Settings
import Testing

@Suite struct PendingFeatureTests {
    @Test func oneWarningNamesThemAllAtTheFirst() throws {
        let (_, warnings) = try load(
            """
            listen: 127.0.0.1:1
            limits: { reset_format: duration }
            tiers:
              student: { requests_per_minute: 20, weight: 2, alert_at: [50], models: [a] }
              tier-1: { output_tokens_per_hour: 5 }
            teams: { research: { tier: tier-2 } }
            upstream: { tier: tier-1 }
            alerts: { webhook: "https://a", secret: b }
            metering: { retention: 30d, user_header: x-user }
            """)
        try #require(warnings.count == 1)
        #expect(warnings[0].severity == .warning && warnings[0].line == 2 && warnings[0].column == 11)
        let named = warnings[0].message.split(separator: ": ")[1].split(separator: ", ").sorted()
        #expect(
            named == [
                "alerts.secret", "alerts.webhook", "limits.reset_format", "teams.research.tier",
                "tiers.student.alert_at", "tiers.student.requests_per_minute", "tiers.student.weight",
                "tiers.tier-1.output_tokens_per_hour", "upstream.tier",
            ])
    }

    @Test func valuesThatAreTheDefaultsGiveNone() throws {
        let text = """
            limits: { reset_format: unix }
            tiers:
              student: { weight: 1, alert_at: [80, 100], overrun: finish, output_reservation: 4096 }
              tier-1: {}
            upstream: { tier: null }
            metering: { retention: 400d }
            """
        #expect(try load(text).warnings.isEmpty)
    }

    @Test func defaultTierWithLimitsIsNamed() throws {
        let (_, warnings) = try load("default_tier: tier-1")
        try #require(warnings.count == 1)
        #expect(warnings[0].message.hasSuffix(": default_tier") && warnings[0].line == 1)
    }

    @Test func warningComesWithTheErrors() {
        let found = issues("limits: {reset_format: duration, connections: 0}")
        #expect(found.map(\.severity) == [.warning, .error])
    }
}
