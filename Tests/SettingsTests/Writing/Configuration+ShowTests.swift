import Settings
import Testing

@Suite struct ConfigurationShowTests {
    @Test func defaultsMakeTheRoundTrip() throws {
        let defaults = try load("").0
        let (shown, warnings) = try load(defaults.show(), hostName: "elsewhere")
        #expect(shown == defaults)
        #expect(warnings.isEmpty)
    }

    @Test func everythingMakesTheRoundTrip() throws {
        let (configuration, _) = try load(
            """
            listen:
              - "[::1]:1"
              - { address: "a:2", tls: { certificate: "c d.pem", key: "k${K:-}" , client_ca: "$${x}" } }
            admin: { listen: { address: "127.0.0.1:3", tls: { certificate: c, key: k } } }
            data: "/a b: #c"
            time_zone: UTC
            machine_name: "a \\"b\\" $${C}"
            upstream:
              { base_url: "http://[::1]:99/llm/v1", tier: tier-1, retries: 0, ca_file: "null", idle_timeout: 1500ms }
            limits: { header_bytes: 12345, body_bytes: 3GiB, drain_timeout: 0s, reset_format: duration, connections: 7 }
            default_tier: "a: b"
            tiers:
              "a: b": { budget_eur_per_day: 0.000000001, budget_eur_per_month: 1234.5, alert_at: [], models: [] }
              tier-1: { output_tokens_per_hour: null, overrun: stop, endpoints: ["*"], weight: 9 }
              "true": { requests_per_minute: 9223372036854775807 }
            teams: { "": { tier: "true" }, research: { tier: tier-2 } }
            models:
              aliases: { "gpt-4o": "gpt-oss:120b", "1": "~" }
              prices:
                default: { input: 0.001, reasoning: 3 }
                "m:*": { image: 0.000000001, batch_output: 0, reasoning: null }
              energy_kwh_per_million_tokens: { "m:1": 0.000001, n: 12 }
            metering: { on_disconnect: finish, user_header: x-u, retention: null }
            log: { level: trace, format: text, access: false }
            """)
        let (shown, _) = try load(configuration.show())
        #expect(shown == configuration)
    }

    @Test func secretsAreMaskedAndTheMaskIsRefused() throws {
        let (configuration, _) = try load(
            """
            admin: { token: swordfish-1 }
            upstream: { api_keys: [swordfish-22, swordfish-33] }
            alerts: { webhooks: [{ url: "https://a/swordfish-4", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw }] }
            telemetry: { headers: { x-key: swordfish-6 } }
            """)
        let text = try configuration.show()
        #expect(!text.contains("swordfish"))
        #expect(!text.contains("whsec_"))
        #expect(text.split(separator: "•••").count == 7)
        #expect(
            issues(text).filter { $0.severity == .error }.map(\.path) == [
                "admin.token", "upstream.api_keys[0]", "upstream.api_keys[1]", "alerts.webhooks[0].url",
                "alerts.webhooks[0].secret[0]",
                "telemetry.headers.x-key",
            ])
    }
}
