import Gateway
import HTTPClient
import HTTPServer
import Policy
import Settings
import Testing
import Transport

@testable import propylon

@Suite struct GatewayOptionsTests {
    private let upstream =
        "upstream: { base_url: \"http://a.example:81/llm/v1\", api_keys: [upstream-key-1, upstream-key-2] }\n"

    private func options(_ members: String, sandbox: SocketAddress? = nil) throws -> GatewayOptions {
        try GatewayOptions(configuration(members), sandbox: sandbox)
    }

    @Test func theUpstreamIsTaken() throws {
        let options = try options(upstream)
        #expect(options.upstream.origin == Origin(host: "a.example", port: 81, isSecure: false))
        #expect(options.upstream.pathPrefix == Array("/llm".utf8))
        #expect(options.upstream.keys == ["upstream-key-1", "upstream-key-2"])
    }

    @Test func fallbacksAreTakenInOrder() throws {
        let fallbacks =
            "upstream: { base_url: \"http://a.example/v1\", fallbacks: [{ base_url: \"http://b.example/x/v1\" }, "
            + "{ base_url: \"https://c.example/v1\", api_keys: [upstream-key] }] }\n"
        let options = try options(fallbacks)
        #expect(options.fallbacks.map(\.origin.host) == ["b.example", "c.example"])
        #expect(options.fallbacks.map(\.keys) == [[], ["upstream-key"]])
        #expect(options.fallbacks[0].pathPrefix == Array("/x".utf8))
        #expect(try self.options(fallbacks, sandbox: SocketAddress("127.0.0.1", port: 99)).fallbacks.isEmpty)
    }

    @Test func theSandboxReplacesIt() throws {
        let options = try options(upstream, sandbox: SocketAddress("127.0.0.1", port: 99))
        #expect(options.upstream.origin == Origin(host: "127.0.0.1", port: 99, isSecure: false))
        #expect(options.upstream.pathPrefix.isEmpty)
        #expect(options.upstream.keys == ["key-of-the-sandbox"])
    }

    @Test func everyMemberIsTaken() throws {
        let options = try options(
            """
            machine_name: box
            data: /data
            upstream:
              base_url: http://a.example/v1
              native_apis: [messages, responses]
              connect_timeout: 1s
              first_byte_timeout: 2s
              idle_timeout: 3s
              max_connections: 10
              max_connection_age: 6s
              proxy: http://user:secret@proxy.example:3128
              retries: 4
            limits:
              { body_bytes: 1KiB, upload_bytes: 2KiB, memory_body_bytes: 3KiB, tunnel_idle_timeout: 4s, reset_format: duration }
            metering: { on_disconnect: finish, user_header: x-user, session_headers: { x-s: tag } }
            """)
        #expect(options.machineName == "box")
        #expect(options.temporaryDirectory == "/data")
        #expect(options.nativeAPIs == [.messages, .responses])
        #expect(options.client.connectTimeout == .seconds(1))
        #expect(options.client.firstByteTimeout == .seconds(2))
        #expect(options.client.idleTimeout == .seconds(3))
        #expect(options.upstreamConnections == 10)
        #expect(options.client.maximumAge == .seconds(6))
        #expect(options.upstream.proxy == Proxy("http://user:secret@proxy.example:3128"))
        #expect(options.client.retries == 4)
        #expect(options.bodyBytes == 1024)
        #expect(options.uploadBytes == 2048)
        #expect(options.memoryBodyBytes == 3072)
        #expect(options.tunnelIdleTimeout == .seconds(4))
        #expect(options.resetFormat == .duration)
        #expect(options.onDisconnect == .finish)
        #expect(options.userHeader == "x-user")
        #expect(options.sessionHeaders == [SessionSource(name: "x-s", use: .tag)])
    }

    @Test func theUpstreamHasAsManyConnectionsAsClientsMayHave() throws {
        #expect(try options(upstream + "limits: { connections: 77 }\n").upstreamConnections == 77)
    }

    @Test func aSandboxIsReachedWithoutAProxy() throws {
        let members = "upstream: { proxy: http://proxy.example:3128 }\n"
        #expect(try options(members, sandbox: SocketAddress("127.0.0.1", port: 99)).upstream.proxy == nil)
    }

    @Test func theVendorNeedsAKey() throws {
        #expect(throws: StartError.self) { try options("") }
        #expect(try options("upstream: { api_keys: [upstream-key] }\n").upstream.keys == ["upstream-key"])
        #expect(try options("upstream: { base_url: \"http://a.example/v1\" }\n").upstream.keys.isEmpty)
    }

    @Test func serverLimitsAreTaken() throws {
        let limits = ServerLimits(
            try configuration(
                "limits: { header_bytes: 1KiB, connections: 2, header_timeout: 3s, body_timeout: 4s, idle_timeout: 5s }\n"
            ).limits)
        #expect(limits.headerBytes == 1024)
        #expect(limits.connections == 2)
        #expect(limits.headerTimeout == .seconds(3))
        #expect(limits.bodyTimeout == .seconds(4))
        #expect(limits.idleTimeout == .seconds(5))
    }

    /// The rooms' own defaults are those of the configuration.
    @Test func theRoomsHaveTheSameDefaults() throws {
        let configured = ServerLimits(try configuration("").limits)
        let own = ServerLimits()
        #expect(own.headerBytes == configured.headerBytes)
        #expect(own.connections == configured.connections)
        #expect(own.headerTimeout == configured.headerTimeout)
        #expect(own.bodyTimeout == configured.bodyTimeout)
        #expect(own.idleTimeout == configured.idleTimeout)
        let options = try options(upstream)
        let bare = GatewayOptions(
            UpstreamOptions(origin: options.upstream.origin, keys: []), temporaryDirectory: "", machineName: "")
        #expect(bare.bodyBytes == options.bodyBytes)
        #expect(bare.uploadBytes == options.uploadBytes)
        #expect(bare.memoryBodyBytes == options.memoryBodyBytes)
        #expect(bare.streamKeepalive == options.streamKeepalive)
        #expect(bare.onDisconnect == options.onDisconnect)
        #expect(bare.userHeader == options.userHeader)
        #expect(bare.sessionHeaders == options.sessionHeaders)
        #expect(bare.tunnelIdleTimeout == options.tunnelIdleTimeout)
        #expect(bare.resetFormat == options.resetFormat)
        #expect(bare.client.connectTimeout == options.client.connectTimeout)
        #expect(bare.client.firstByteTimeout == options.client.firstByteTimeout)
        #expect(bare.client.idleTimeout == options.client.idleTimeout)
        #expect(bare.client.retries == options.client.retries)
        #expect(bare.client.maximumAge == options.client.maximumAge)
        #expect(bare.upstreamConnections == options.upstreamConnections)
        #expect(bare.upstream.proxy == options.upstream.proxy)
    }
}
