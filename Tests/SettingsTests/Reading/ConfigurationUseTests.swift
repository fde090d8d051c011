import Testing

@testable import Settings

@Suite struct ConfigurationUseTests {
    private func places(_ text: String, _ use: ConfigurationUse) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try Configuration.load(text: text, file: "f", environment: [:], for: use) { _ in throw MissingFile() }
            return []
        } catch { return error.issues.map(\.path) }
    }

    private let secrets = """
        listen: ${LISTEN}
        admin:
          { listen: 0.0.0.0:1, token: "${TOKEN}", tokens: [{ name: a, token: "${A}" }, { name: b, token: "${B}" }] }
        upstream: { base_url: "${URL}", api_keys: ["${KEY}", "${file:/key}"], fallbacks: [{ api_keys: ["${KEY}"] }] }
        alerts: { webhooks: [{ url: "${HOOK}", secret: ["${file:/run/secrets/alerts}"] }] }
        telemetry: { headers: { x-key: "${OTLP}" } }
        """

    @Test func theLedgerNeedsNoSecret() {
        #expect(places(secrets, .ledger).isEmpty)
        #expect(places(secrets, .gateway) == ["admin.token"])
        #expect(places(secrets, .alerts) == ["alerts.webhooks[0].url", "alerts.webhooks[0].secret[0]"])
        #expect(
            places(secrets, .everything) == [
                "listen", "admin.token", "admin.tokens[0].token", "admin.tokens[1].token", "upstream.base_url",
                "upstream.api_keys[0]", "upstream.api_keys[1]", "upstream.fallbacks[0].api_keys[0]",
                "alerts.webhooks[0].url", "alerts.webhooks[0].secret[0]",
                "telemetry.headers.x-key",
            ])
    }

    @Test func whatIsUsedIsNeeded() {
        let text = "data: ${DATA}\ntime_zone: ${ZONE}\ntiers: { a: { weight: \"${WEIGHT}\" } }\n"
        #expect(places(text, .ledger) == ["data", "time_zone", "tiers.a.weight"])
        #expect(places(text, .ledger.without("data")) == ["time_zone", "tiers.a.weight"])
    }

    @Test func otherErrorsStayErrors() {
        let text = "upstream: { retries: 99, x: 1, proxy: \"${\" }\nlog: { level: loud }\n"
        #expect(places(text, .ledger) == ["upstream.retries", "upstream.x", "upstream.proxy", "log.level"])
        #expect(places(text, .everything) == places(text, .ledger))
    }
}
