import Policy
import Testing

@testable import Settings

/// The defaults that users rely on, one by one.
@Suite struct DefaultsTests {
    private let defaults = Configuration(machineName: "here")

    @Test func listeners() {
        #expect(defaults.listen.map(\.text) == ["127.0.0.1:8080"])
        #expect(defaults.listen.allSatisfy { $0.tls == nil })
        #expect(defaults.admin.listen.text == "127.0.0.1:8081")
        #expect(defaults.admin.token == nil)
        #expect(defaults.admin.tokens.isEmpty)
    }

    @Test func places() {
        #expect(defaults.data == "./data")
        #expect(defaults.cors.origins.isEmpty)
        #expect(defaults.timeZone.identifier == "Europe/Paris")
    }

    @Test func upstream() {
        #expect(defaults.upstream.baseURL.text == "https://api.ai.cloud-temple.com/v1")
        #expect(defaults.upstream.apiKeys.isEmpty)
        #expect(defaults.upstream.fallbacks.isEmpty)
        #expect(defaults.upstream.tier == nil)
        #expect(defaults.upstream.connectTimeout == .seconds(5))
        #expect(defaults.upstream.firstByteTimeout == .seconds(300))
        #expect(defaults.upstream.nativeAPIs.isEmpty)
        #expect(defaults.upstream.idleTimeout == .seconds(300))
        #expect(defaults.upstream.maxConnections == nil)
        #expect(defaults.upstream.maxConnectionAge == .seconds(300))
        #expect(defaults.upstream.proxy == nil)
        #expect(defaults.upstream.retries == 2)
        #expect(defaults.upstream.caFile == nil)
    }

    @Test func limits() {
        #expect(defaults.limits.headerBytes == 32_768)
        #expect(defaults.limits.bodyBytes == 67_108_864)
        #expect(defaults.limits.uploadBytes == 134_217_728)
        #expect(defaults.limits.memoryBodyBytes == 1_048_576)
        #expect(defaults.limits.connections == 8192)
        #expect(defaults.limits.headerTimeout == .seconds(10))
        #expect(defaults.limits.bodyTimeout == .seconds(60))
        #expect(defaults.limits.idleTimeout == .seconds(75))
        #expect(defaults.limits.streamKeepalive == .seconds(15))
        #expect(defaults.limits.tunnelIdleTimeout == .seconds(3600))
        #expect(defaults.limits.drainTimeout == .seconds(30))
        #expect(defaults.limits.resetFormat == .unix)
    }

    @Test func tiers() {
        #expect(defaults.defaultTier == "monthly")
        #expect(defaults.tiers == TierTable.vendor)
        #expect(defaults.teams.isEmpty)
        #expect(LimitKind.allCases.allSatisfy { defaults.tiers["monthly"]?[$0] == nil })
    }

    @Test func models() {
        #expect(defaults.models.aliases.isEmpty)
        #expect(defaults.policies.prices == PriceList.vendor)
        #expect(defaults.models.energyOverrides.isEmpty)
    }

    @Test func meteringAlertsTelemetryAndLog() {
        #expect(defaults.metering.onDisconnect == .cancel)
        #expect(defaults.metering.userHeader == "x-propylon-user")
        #expect(defaults.metering.sessionHeaders.isEmpty)
        #expect(defaults.metering.retention == .seconds(400 * 86_400))
        #expect(defaults.alerts == Configuration.Alerts())
        #expect(defaults.telemetry.endpoint == nil)
        #expect(defaults.telemetry.headers.isEmpty)
        #expect(defaults.telemetry.traces)
        #expect(!defaults.telemetry.metrics)
        #expect(defaults.telemetry.sample == 1_000_000)
        #expect(defaults.log.level == .info)
        #expect(defaults.log.format == nil)
        #expect(defaults.log.access)
        #expect(defaults.log.accessFile == nil)
    }

    @Test func theyAreAllPossible() throws {
        let (configuration, warnings) = try load(try defaults.show())
        #expect(configuration == defaults)
        #expect(warnings.isEmpty)
    }
}
