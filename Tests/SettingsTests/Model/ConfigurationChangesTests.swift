import Testing

@testable import Settings

/// The effective configuration after a reload.
@Suite struct ConfigurationChangesTests {
    /// Every member with another value than its default.
    private static let other = """
        listen: 127.0.0.1:7000
        admin: { listen: "127.0.0.1:7001", token: other, tokens: [{ name: other, token: third }], hosts: [other.example] }
        data: /other
        time_zone: America/New_York
        machine_name: other
        cors: { origins: ["https://other.example"] }
        upstream:
          base_url: https://other.example/v1
          api_keys: [another-key-1]
          native_apis: [messages]
          tier: tier-1
          connect_timeout: 1s
          first_byte_timeout: 1s
          idle_timeout: 1s
          max_connections: 7
          max_connection_age: 7s
          proxy: http://other.example:3128
          fallbacks: [{ base_url: "https://third.example/v1" }]
          retries: 7
          ca_file: /other
        limits:
          header_bytes: 7KiB
          body_bytes: 7KiB
          upload_bytes: 7KiB
          memory_body_bytes: 7KiB
          connections: 7
          header_timeout: 7s
          body_timeout: 7s
          idle_timeout: 7s
          tunnel_idle_timeout: 7s
          stream_keepalive: 7s
          drain_timeout: 7s
          reset_format: duration
        default_tier: tier-2
        tiers: { other: {} }
        teams: { other: { tier: tier-2 } }
        models:
          aliases: { other: "gpt-oss:120b" }
          prices: { default: { input: 7 } }
          energy_kwh_per_million_tokens: { other: 7 }
        metering: { on_disconnect: finish, user_header: x-other, session_headers: { x-s: tag }, retention: 7d }
        alerts:
          webhooks: [{ url: "https://other.example/", secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw }]
          email: { to: [a@b], from: c@d }
        telemetry: { endpoint: "http://other.example:4318", headers: { x-other: o }, traces: false, metrics: true, sample: 0.7 }
        log: { level: error, format: text, access: false, access_file: /other }
        """

    /// Members that take a restart, and why: other parts have made room or opened files by them.
    private static let restart: Set<String> = [
        "data", "limits.header_bytes", "limits.connections", "limits.header_timeout", "limits.body_timeout",
        "limits.idle_timeout", "log.format", "log.access", "log.access_file",
    ]

    private func load(_ text: String) throws -> Configuration {
        try Configuration.load(text: text, file: "test.yaml", environment: [:]) { _ in "" }.0
    }

    private func leaves(_ members: [MemberReference], _ prefix: String = "") -> [(path: String, effect: MemberEffect)] {
        members.flatMap { member in
            let isSection = member.form == "section"
            return isSection
                ? leaves(member.members, "\(prefix)\(member.name).") : [("\(prefix)\(member.name)", member.effect)]
        }
    }

    @Test func everyMemberIsAppliedOrDeferred() throws {
        let running = try load("")
        let (effective, changes) = running.reloaded(as: try load(Self.other))
        let members = leaves(Configuration.members.map { $0.reference(running) })
        #expect(Set(changes.deferred) == Self.restart)
        #expect(Set(changes.applied) == Set(members.map(\.path)).subtracting(Self.restart))
        for member in members { #expect((member.effect == .restart) == Self.restart.contains(member.path)) }
        // What was deferred has not changed, and the rest has.
        let again = running.reloaded(as: effective).changes
        #expect(again.deferred.isEmpty)
        #expect(again.applied == changes.applied)
    }

    @Test func aDeferredMemberKeepsItsValueAndTheOthersFollow() throws {
        let running = try load("data: /a\nlimits: { connections: 5 }\n")
        let (effective, changes) = running.reloaded(
            as: try load("data: /b\nlimits: { connections: 6, body_bytes: 2KiB }\n"))
        #expect(effective.data == "/a")
        #expect(effective.limits.connections == 5)
        #expect(effective.limits.bodyBytes == 2048)
        #expect(changes.applied == ["limits.body_bytes"])
        #expect(changes.deferred == ["data", "limits.connections"])
    }

    /// The second reload of a file still names what a restart would change.
    @Test func deferredMembersAreNamedAgain() throws {
        let new = try load("data: /b\n")
        let effective = try load("data: /a\n").reloaded(as: new).effective
        #expect(effective.reloaded(as: new).changes.deferred == ["data"])
    }

    @Test func anEqualConfigurationHasNoChanges() throws {
        let configuration = try load(Self.other)
        let (effective, changes) = configuration.reloaded(as: try load(Self.other))
        #expect(effective == configuration)
        #expect(changes == ConfigurationChanges())
    }

    /// Secrets are compared by value, and named by path alone.
    @Test func anotherSecretIsAChange() throws {
        let changes = try load("admin: { token: one }\n").reloaded(as: try load("admin: { token: two }\n")).changes
        #expect(changes.applied == ["admin.token"])
    }

    @Test(arguments: [
        ("Gateway.Example", "gateway.example"), ("[2001:DB8::1]", "2001:db8::1"), ("::1", "::1"),
        ("192.0.2.1", "192.0.2.1"),
    ])
    func adminHostsAreNamesAndAddresses(text: String, host: String) throws {
        #expect(try load("admin: { hosts: [\"\(text)\"] }\n").admin.hosts == [host])
    }

    @Test(arguments: ["a:80", "http://a", "a b", "[::1]:80", "a/b"]) func adminHostsHaveNoPort(text: String) {
        #expect(throws: ConfigurationErrors.self) { try load("admin: { hosts: [\"\(text)\"] }\n") }
    }
}
