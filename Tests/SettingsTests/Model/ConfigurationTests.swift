import Policy
import Testing

@testable import Settings

@Suite struct ConfigurationTests {
    @Test func everyPlainMemberIsRead() throws {
        let (configuration, _) = try load(
            """
            data: /var/lib/propylon
            time_zone: America/New_York
            machine_name: gateway-1
            limits:
              header_bytes: 16KiB
              body_bytes: 1MiB
              upload_bytes: 2MiB
              memory_body_bytes: 0
              connections: 10
              header_timeout: 1s
              body_timeout: 2s
              idle_timeout: 3s
              tunnel_idle_timeout: 4s
              drain_timeout: 0s
              reset_format: duration
            metering: { on_disconnect: finish, user_header: X-User, retention: 30d }
            log: { level: error, format: text, access: false }
            """)
        #expect(configuration.data == "/var/lib/propylon")
        #expect(configuration.timeZone.identifier == "America/New_York")
        #expect(configuration.machineName == "gateway-1")
        var limits = Configuration.Limits()
        limits.headerBytes = 16_384
        limits.bodyBytes = 1 << 20
        limits.uploadBytes = 2 << 20
        limits.memoryBodyBytes = 0
        limits.connections = 10
        limits.headerTimeout = .seconds(1)
        limits.bodyTimeout = .seconds(2)
        limits.idleTimeout = .seconds(3)
        limits.tunnelIdleTimeout = .seconds(4)
        limits.drainTimeout = .zero
        limits.resetFormat = .duration
        #expect(configuration.limits == limits)
        #expect(configuration.metering.onDisconnect == .finish)
        #expect(configuration.metering.userHeader == "x-user")
        #expect(configuration.metering.retention == .seconds(30 * 86_400))
        #expect(configuration.log.level == .error)
        #expect(configuration.log.format == .text)
        #expect(!configuration.log.access)
    }

    @Test func machineNameIsTheHostsByDefault() throws {
        #expect(try load("", hostName: "box").0.machineName == "box")
    }

    @Test func retentionNullKeepsEverything() throws {
        #expect(try load("metering: {retention: null}").0.metering.retention == nil)
        #expect(try load("metering: {}").0.metering.retention == .seconds(400 * 86_400))
    }

    @Test func sessionsHaveTheirHeaders() throws {
        let text = "metering: {session_headers: {X-Session: user, metadata.user_id: tag, a: tag}}"
        let sources = try load(text).0.metering.sessionHeaders
        #expect(
            sources == [
                SessionSource(name: "a", use: .tag), SessionSource(name: "metadata.user_id", use: .tag),
                SessionSource(name: "x-session", use: .user),
            ])
        #expect(sources.map(\.isInBody) == [false, true, false])
    }

    @Test(arguments: [
        "header_bytes: 1023", "header_bytes: 17MiB", "body_bytes: 0", "upload_bytes: -1", "memory_body_bytes: 2GiB",
        "connections: 0", "header_timeout: 0s", "body_timeout: 0ms", "idle_timeout: 25h", "drain_timeout: 2d",
        "drain_timeout: -1s", "reset_format: seconds",
    ])
    func impossibleLimitsAreErrors(member: String) {
        let name = member.prefix { $0 != ":" }
        #expect(places("limits:\n  \(member)\n") == ["2:\(name.count + 5) limits.\(name)"])
    }

    @Test(arguments: [
        ("time_zone: Europe/Pari", "1:12 time_zone"), ("machine_name: \"é\"", "1:15 machine_name"),
        ("metering: {retention: 1h}", "1:23 metering.retention"),
        ("metering: {user_header: host}", "1:25 metering.user_header"),
        ("metering: {session_headers: {x-s: label}}", "1:35 metering.session_headers.x-s"),
        ("metering: {session_headers: {cookie: tag}}", "1:38 metering.session_headers.cookie"),
        ("metering: {session_headers: {X-Api-Key: tag}}", "1:41 metering.session_headers.X-Api-Key"),
        ("metering: {session_headers: {x s: tag}}", "1:35 metering.session_headers.x s"),
        ("metering: {session_headers: {x-s: tag, X-S: user}}", "1:45 metering.session_headers.X-S"),
        ("metering: {on_disconnect: stop}", "1:27 metering.on_disconnect"),
        ("log: {format: xml}", "1:15 log.format"), ("log: {level: warn}", "1:14 log.level"), ("<<: {}", "1:1 <<"),
    ])
    func otherImpossibleValuesAreErrors(text: String, place: String) {
        #expect(places(text) == [place])
    }
}
