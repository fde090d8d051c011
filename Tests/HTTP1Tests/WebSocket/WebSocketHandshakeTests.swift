import Testing

@testable import HTTP1

@Suite struct WebSocketHandshakeTests {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    /// A handshake as Python's `websockets` sends it.
    private static let valid = [
        "host: a", "upgrade: websocket", "connection: Upgrade", "sec-websocket-key: \(key)",
        "sec-websocket-version: 13", "sec-websocket-extensions: permessage-deflate; client_max_window_bits",
    ]

    private func head(_ lines: [String], line: String = "GET /v1/realtime HTTP/1.1") throws -> RequestHead {
        try requestHead(([line] + lines).joined(separator: "\r\n") + "\r\n\r\n")
    }

    private func valid(replacing name: String, with lines: [String]) -> [String] {
        Self.valid.filter { !$0.hasPrefix(name + ":") } + lines
    }

    private func handshake(
        _ lines: [String], mayForward: (String) -> Bool = { _ in true }
    ) throws -> WebSocketHandshake {
        try WebSocketHandshake(try head(lines), mayForward: mayForward)
    }

    private func fields(_ handshake: WebSocketHandshake) -> [String] {
        var writer = HeadWriter()
        handshake.writeFields(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self).components("\r\n")
    }

    // MARK: Whether one is asked for

    @Test(arguments: [
        (["upgrade: websocket", "connection: upgrade"], "GET / HTTP/1.1", true),
        (["upgrade: WebSocket", "connection: keep-alive, Upgrade"], "GET / HTTP/1.1", true),
        (["upgrade: h2c, websocket", "connection: upgrade"], "GET / HTTP/1.1", true),
        (["upgrade: websocket"], "GET / HTTP/1.1", false),
        (["connection: upgrade"], "GET / HTTP/1.1", false),
        (["upgrade: h2c", "connection: upgrade, http2-settings"], "GET / HTTP/1.1", false),
        (["upgrade: websocket/13", "connection: upgrade"], "GET / HTTP/1.1", false),
        (["upgrade: websockets", "connection: upgrade"], "GET / HTTP/1.1", false),
        (["upgrade: websocket", "connection: upgrade"], "GET / HTTP/1.0", false),
        (["upgrade: websocket", "connection: upgrade"], "POST / HTTP/1.1", false),
        (["upgrade: websocket", "connection: upgrade"], "get / HTTP/1.1", false),
        (["upgrade: websocket", "connection: upgrade"], "HEAD / HTTP/1.1", false),
    ]) func isRequested(lines: [String], line: String, isRequested: Bool) throws {
        #expect(WebSocketHandshake.isRequested(by: try head(["host: a"] + lines, line: line)) == isRequested)
    }

    // MARK: The client's side

    @Test func aValidHandshakeIsWrittenAnew() throws {
        #expect(
            fields(try handshake(Self.valid)) == [
                "connection: upgrade", "upgrade: websocket", "sec-websocket-version: 13",
                "sec-websocket-key: \(Self.key)",
                "sec-websocket-extensions: permessage-deflate; client_max_window_bits",
            ])
    }

    @Test(
        arguments: [
            ("sec-websocket-key", [], WebSocketHandshake.Fault.invalidKey),
            ("sec-websocket-key", ["sec-websocket-key: \(key)", "sec-websocket-key: \(key)"], .invalidKey),
            ("sec-websocket-key", ["sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ"], .invalidKey),
            ("sec-websocket-key", ["sec-websocket-key: dGhlIHNhbXBsZSBub25jZ==="], .invalidKey),
            ("sec-websocket-key", ["sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==="], .invalidKey),
            ("sec-websocket-key", ["sec-websocket-key: dGhl!HNhbXBsZSBub25jZQ=="], .invalidKey),
            ("sec-websocket-key", ["sec-websocket-key: SGVsbG8sIHdvcmxkIQ=="], .invalidKey),
            ("sec-websocket-version", [], .unsupportedVersion),
            ("sec-websocket-version", ["sec-websocket-version: 8"], .unsupportedVersion),
            ("sec-websocket-version", ["sec-websocket-version: 13, 8"], .unsupportedVersion),
            ("sec-websocket-version", ["sec-websocket-version: 13", "sec-websocket-version: 13"], .unsupportedVersion),
            ("-", ["content-length: 1"], .hasBody), ("-", ["transfer-encoding: chunked"], .hasBody),
            ("-", ["sec-websocket-protocol: a b"], .invalidList),
            ("-", ["sec-websocket-protocol: \"a\""], .invalidList),
            ("sec-websocket-extensions", ["sec-websocket-extensions: a@b; c"], .invalidList),
        ] as [(String, [String], WebSocketHandshake.Fault)])
    func refuses(name: String, lines: [String], fault: WebSocketHandshake.Fault) throws {
        let lines = valid(replacing: name, with: lines)
        #expect(throws: fault) { try handshake(lines) }
    }

    @Test func anEmptyBodyIsNone() throws {
        #expect(try handshake(Self.valid + ["content-length: 0"]).key == Self.key)
    }

    @Test func offersThatAreNotForTheServerAreDropped() throws {
        let lines =
            valid(
                replacing: "sec-websocket-extensions",
                with: ["sec-websocket-extensions: x-other; a=\"1,2\", permessage-deflate, Permessage-Deflate; b"])
            + ["sec-websocket-protocol: realtime, secret.1", "sec-websocket-protocol: openai-beta.realtime-v1"]
        let handshake = try handshake(lines) { !$0.hasPrefix("secret") }
        #expect(handshake.protocols == ["realtime", "openai-beta.realtime-v1"])
        #expect(handshake.compressions == ["permessage-deflate", "Permessage-Deflate; b"])
        #expect(fields(handshake).contains("sec-websocket-protocol: realtime, openai-beta.realtime-v1"))
        #expect(fields(handshake).contains("sec-websocket-extensions: permessage-deflate, Permessage-Deflate; b"))
    }

    // MARK: The server's side

    private static let agreement = [
        "HTTP/1.1 101 Switching Protocols", "upgrade: WebSocket", "connection: Upgrade",
        "sec-websocket-accept: \(accept)",
    ]

    private func check(_ lines: [String]) throws -> Bool {
        let offer = Self.valid + ["sec-websocket-protocol: realtime, other"]
        return try handshake(offer).check(
            try responseHead(lines.joined(separator: "\r\n") + "\r\n\r\n"), accept: Self.accept)
    }

    @Test(arguments: [
        ([], false), (["sec-websocket-protocol: realtime"], false),
        (["sec-websocket-extensions: permessage-deflate; server_no_context_takeover"], true),
    ]) func anAgreementIsAccepted(lines: [String], compresses: Bool) throws {
        #expect(try check(Self.agreement + lines) == compresses)
    }

    @Test(
        arguments: [
            ("upgrade", "", WebSocketHandshake.Refusal.otherProtocol), ("upgrade", "upgrade: h2c", .otherProtocol),
            ("upgrade", "upgrade: websocket, h2c", .otherProtocol), ("connection", "", .otherProtocol),
            ("connection", "connection: close", .otherProtocol),
            ("HTTP", "HTTP/1.0 101 Switching Protocols", .otherProtocol),
            ("sec-websocket-accept", "", .wrongAccept),
            ("sec-websocket-accept", "sec-websocket-accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=", .wrongAccept),
            (
                "sec-websocket-accept", "sec-websocket-accept: \(accept)\r\nsec-websocket-accept: \(accept)",
                .wrongAccept
            ),
            ("-", "sec-websocket-protocol: unoffered", .otherSubprotocol),
            ("-", "sec-websocket-protocol: Realtime", .otherSubprotocol),
            ("-", "sec-websocket-protocol: realtime, other", .otherSubprotocol),
            ("-", "sec-websocket-extensions: x-other", .otherExtension),
            ("-", "sec-websocket-extensions: permessage-deflate, permessage-deflate", .otherExtension),
        ] as [(String, String, WebSocketHandshake.Refusal)])
    func refusesAnAgreement(name: String, line: String, refusal: WebSocketHandshake.Refusal) throws {
        let isStatus = line.hasPrefix("HTTP")
        let rest = Self.agreement.filter { !$0.hasPrefix(name) }
        let lines = isStatus ? [line] + rest : rest + (line.isEmpty ? [] : [line])
        #expect(throws: refusal) { try check(lines) }
    }

    @Test func compressionThatWasNotOfferedIsRefused() throws {
        let handshake = try handshake(valid(replacing: "sec-websocket-extensions", with: []))
        let head = try responseHead(
            (Self.agreement + ["sec-websocket-extensions: permessage-deflate"]).joined(separator: "\r\n") + "\r\n\r\n")
        #expect(throws: WebSocketHandshake.Refusal.otherExtension) { try handshake.check(head, accept: Self.accept) }
    }
}

extension String {
    /// The parts between `separator`, without empty ones.
    fileprivate func components(_ separator: String) -> [String] {
        split(separator: separator).map(String.init)
    }
}
