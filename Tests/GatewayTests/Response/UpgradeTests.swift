import Loopback
import Policy
import Testing

@testable import Gateway

/// Which requests for another protocol go upstream, and which 101 is believed.
@Suite(.ownThread) struct UpgradeTests {
    /// The example of RFC 6455, section 1.3.
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    static let handshake =
        "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: \(key)\r\n"
    static let agreement =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n"
        + "sec-websocket-accept: \(accept)\r\n"

    /// A request for a WebSocket.
    static func request(
        _ fixture: GatewayFixture, _ path: String = "/v1/realtime?model=voxtral", _ fields: String = handshake,
        key: String? = nil
    ) -> String {
        "GET \(path) HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer \(key ?? fixture.key)\r\n\(fields)\r\n"
    }

    // MARK: Other protocols, and other paths

    @Test(
        arguments: [
            "upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
            "upgrade: TLS/1.0\r\nconnection: upgrade\r\n", handshake,
        ], ["POST", "GET"])
    func anUpgradeElsewhereIsAnOrdinaryRequest(fields: String, method: String) throws {
        let upstream = try ScriptedServer([[.readRequest, .send(http("{}")), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let path = method == "POST" ? "/v1/chat/completions" : "/v1/models/a"
        let text = fixture.request(path, method: method, body: RequestPipelineTests.chat, fields: fields)
        let answer = try #require(try fixture.answer(to: text))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        let sent = try #require(upstream.requests.withLock { $0.first }).lowercased()
        for name in ["upgrade", "http2-settings", "sec-websocket"] { #expect(!sent.contains(name)) }
    }

    @Test(arguments: [
        ("GET", "/v1/realtime/calls/1", "upgrade: h2c\r\nconnection: upgrade\r\n"),
        ("POST", "/v1/realtime/sessions", handshake), ("GET", "/v1/realtime/calls/1", ""),
    ])
    func belowRealtimeOrdinaryRequestsAreServed(method: String, path: String, fields: String) throws {
        let upstream = try ScriptedServer([[.readRequest, .send(http("{}")), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(
            try fixture.answer(to: fixture.request(path, method: method, body: "{}", fields: fields)))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try #require(upstream.requests.withLock { $0.first }).contains("upgrade") == false)
    }

    // MARK: Handshakes that are not valid

    @Test(arguments: [
        ("", "426", "upgrade_required"), ("upgrade: h2c\r\nconnection: upgrade\r\n", "426", "upgrade_required"),
        (handshake.replacing("connection: upgrade\r\n", with: ""), "426", "upgrade_required"),
        (handshake.replacing("13", with: "8"), "426", "upgrade_required"),
        (handshake.replacing(key, with: "x"), "400", "invalid_handshake"),
        (handshake + "sec-websocket-key: \(key)\r\n", "400", "invalid_handshake"),
        (handshake + "sec-websocket-protocol: a b\r\n", "400", "invalid_handshake"),
        (handshake + "content-length: 2\r\n", "400", "invalid_handshake"),
    ])
    func aHandshakeThatIsNotValidIsRefused(fields: String, status: String, code: String) throws {
        let upstream = try ScriptedServer([])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let text = Self.request(fixture, "/v1/realtime", fields + "connection: close\r\n")
        let body = fields.contains("content-length") ? "{}" : ""
        let answer = try #require(try fixture.answer(to: text + body))
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("\"code\":\"\(code)\""))
        for line in ["connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13"] {
            #expect(answer.contains("\r\n\(line)\r\n") == (status == "426"))
        }
        #expect(try fixture.usage.only().ending == .refused)
        #expect(upstream.acceptedCount == 0)
    }

    @Test func anUpgradeOverHTTP10IsIgnored() throws {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        let text = Self.request(fixture).replacing("HTTP/1.1", with: "HTTP/1.0")
        #expect(try #require(try fixture.answer(to: text)).hasPrefix("HTTP/1.1 426 "))
    }

    // MARK: What goes upstream

    @Test func aHandshakeGoesUpstreamWithoutTheClientsKey() throws {
        let upstream = try ScriptedServer([[.readRequest, .send(http("{}", status: "404 Not Found")), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let fields =
            Self.handshake + "origin: https://a\r\nsec-websocket-extensions: x-other, permessage-deflate\r\n"
            + "sec-websocket-protocol: realtime, openai-insecure-api-key.\(fixture.key), openai-beta.realtime-v1\r\n"
        let answer = try #require(
            try fixture.answer(to: Self.request(fixture, "/v1/realtime?model=m", fields + "connection: close\r\n")))
        #expect(answer.hasPrefix("HTTP/1.1 404 "), "a refusal of the upstream passes")
        let sent = try #require(upstream.requests.withLock { $0.first })
        let lines = Set(sent.split(separator: "\r\n").dropFirst().map(String.init))
        #expect(
            lines == [
                "host: 127.0.0.1:\(upstream.address.port)", "authorization: Bearer upstream-secret",
                "accept-encoding: identity", "via: 1.1 propylon", "connection: upgrade", "upgrade: websocket",
                "sec-websocket-version: 13", "sec-websocket-key: \(Self.key)",
                "sec-websocket-protocol: realtime, openai-beta.realtime-v1",
                "sec-websocket-extensions: permessage-deflate",
            ])
    }

    @Test func aSubprotocolIsNoAuthentication() throws {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        let fields = Self.handshake + "sec-websocket-protocol: openai-insecure-api-key.\(fixture.key)\r\n"
        let text = Self.request(fixture, "/v1/realtime", fields + "connection: close\r\n", key: "x")
        #expect(try #require(try fixture.answer(to: text)).hasPrefix("HTTP/1.1 401 "))
    }

    // MARK: Answers that are not believed

    @Test(arguments: ["POST", "GET"]) func a101ThatNothingAskedForIsABadGateway(method: String) throws {
        let upstream = try ScriptedServer([[.readRequest, .send(Self.agreement + "\r\nsecret"), .waitForEnd]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let path = method == "POST" ? "/v1/chat/completions" : "/v1/files"
        let answer = try #require(
            try fixture.answer(
                to: fixture.request(path, method: method, body: RequestPipelineTests.chat, fields: Self.handshake)))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        #expect(answer.contains("\"code\":\"upstream_protocol\""))
        #expect(!answer.contains("secret"))
        let record = try fixture.usage.only()
        #expect(record.ending == .upstreamFailed)
        #expect((record.units.inputTokens > 0) == (method == "POST"), "what was sent is billed")
        upstream.awaitEnd()
    }

    @Test(arguments: [
        agreement.replacing("s3p", with: "S3p"), agreement.replacing("sec-websocket-accept", with: "x-accept"),
        agreement.replacing("Upgrade: WebSocket", with: "Upgrade: h2c"),
        agreement.replacing("Connection: Upgrade", with: "Connection: close"),
        agreement.replacing("HTTP/1.1", with: "HTTP/1.0"), agreement + "sec-websocket-protocol: unoffered\r\n",
        agreement + "sec-websocket-extensions: permessage-deflate\r\n",
    ])
    func a101ThatDoesNotAgreeToTheHandshakeIsABadGateway(head: String) throws {
        let upstream = try ScriptedServer([[.readRequest, .send(head + "\r\nsecret"), .waitForEnd]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(
            try fixture.answer(to: Self.request(fixture, "/v1/realtime", Self.handshake + "connection: close\r\n")))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        #expect(answer.contains("\"code\":\"upstream_protocol\""))
        #expect(!answer.contains("secret"))
        #expect(try fixture.usage.only().ending == .upstreamFailed)
        upstream.awaitEnd()
    }
}
