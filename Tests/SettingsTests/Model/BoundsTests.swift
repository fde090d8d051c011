import Testing

@testable import Settings

/// The least and the greatest value of every member with bounds, and the values next to them.
@Suite struct BoundsTests {
    /// `path` with `value`, as a file.
    private static func file(_ path: String, _ value: String) -> String {
        path.split(separator: ".").reversed().reduce(value) { "{ \"\($1)\": \($0) }" }
    }

    @Test(arguments: [
        ("upstream.connect_timeout", "1ms", "24h"), ("upstream.first_byte_timeout", "1ms", "24h"),
        ("upstream.idle_timeout", "1ms", "24h"), ("upstream.max_connection_age", "1ms", "24h"),
        ("upstream.max_connections", "1", "1000000"),
        ("upstream.retries", "0", "10"), ("limits.header_bytes", "1KiB", "16MiB"),
        ("limits.body_bytes", "1KiB", "1024GiB"), ("limits.upload_bytes", "1KiB", "1024GiB"),
        ("limits.memory_body_bytes", "0", "1GiB"), ("limits.connections", "1", "1000000"),
        ("limits.header_timeout", "1ms", "24h"), ("limits.body_timeout", "1ms", "24h"),
        ("limits.idle_timeout", "1ms", "24h"), ("limits.drain_timeout", "0s", "24h"),
        ("limits.tunnel_idle_timeout", "1ms", "24h"),
        ("metering.retention", "24h", "36500d"), ("tiers.t.weight", "1", "1000"), ("tiers.t.alert_at", "1", "100"),
        ("tiers.t.output_reservation", "1", "9223372036854775807"),
        ("tiers.t.requests_per_minute", "1", "9223372036854775807"),
        ("tiers.t.budget_eur_per_day", "0.000000001", "9223372036.854775807"),
        ("models.prices.m.input", "0", "9223372036854775.807"),
        ("models.prices.m.image", "0.000000000", "9223372036.854775807"),
        ("models.energy_kwh_per_million_tokens.m", "0.000001", "9223372036854.775807"),
    ])
    func bothEndsAreAllowed(path: String, least: String, greatest: String) {
        #expect(places(Self.file(path, least)).isEmpty, "\(least)")
        #expect(places(Self.file(path, greatest)).isEmpty, "\(greatest)")
    }

    @Test(arguments: [
        ("upstream.connect_timeout", "0ms", "86401s"), ("upstream.max_connections", "0", "1000001"),
        ("upstream.retries", "-1", "11"), ("limits.header_bytes", "1023", "16777217"),
        ("limits.body_bytes", "1023", "1025GiB"), ("limits.memory_body_bytes", "-1", "1073741825"),
        ("limits.connections", "0", "1000001"), ("limits.drain_timeout", "-1s", "25h"),
        ("metering.retention", "23h", "36501d"), ("tiers.t.weight", "0", "1001"), ("tiers.t.alert_at", "0", "101"),
        ("tiers.t.output_reservation", "0", "9223372036854775808"),
        ("tiers.t.requests_per_minute", "0", "9223372036854775808"),
        ("tiers.t.budget_eur_per_day", "0", "9223372036.854775808"),
        ("models.prices.m.input", "-0.001", "9223372036854775.808"),
        ("models.energy_kwh_per_million_tokens.m", "-1", "9223372036854.775808"),
    ])
    func nothingBeyondThemIs(path: String, below: String, above: String) {
        #expect(issues(Self.file(path, below)).map(\.path) == [path], "\(below)")
        #expect(issues(Self.file(path, above)).map(\.path) == [path], "\(above)")
    }

    @Test(arguments: [
        "upstream.connect_timeout", "limits.header_bytes", "limits.connections", "metering.retention",
        "tiers.t.weight", "tiers.t.requests_per_minute", "tiers.t.budget_eur_per_day", "models.prices.m.output",
        "log.level", "log.access", "limits.reset_format", "metering.on_disconnect", "tiers.t.overrun",
        "upstream.native_apis",
        "time_zone",
    ])
    func otherKindsAreErrors(path: String) {
        for value in ["[[a]]", "{ a: b }", "\"\u{1F989}\"", "1e3", "0x10"] {
            let found = issues(Self.file(path, value))
            #expect(found.count == 1, "\(path): \(value)")
            #expect(found.first?.path.hasPrefix(path) == true)
        }
    }
}
