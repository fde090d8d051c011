import HTTP1
import Testing

@testable import Gateway

@Suite struct ForwardedFieldsTests {
    private func forwarded(_ lines: [String], isUpgrade: Bool = false) throws -> [String] {
        let head = try RequestHead.of("GET / HTTP/1.1\nhost: x\n" + lines.joined(separator: "\n"))
        let fields = head.fields
        return (0..<fields.count).compactMap { index in
            let field = fields[index]
            return ForwardedFields.contains(field, of: fields, isUpgrade: isUpgrade) ? fields.string(field.name) : nil
        }
    }

    @Test(arguments: [
        "accept", "accept-language", "content-type", "content-language", "user-agent",
        "idempotency-key", "range", "prefer", "if-match", "if-none-match", "if-range", "if-modified-since",
        "if-unmodified-since", "cache-control", "traceparent", "tracestate", "baggage", "x-stainless-lang",
        "X-Stainless-Retry-Count", "OpenAI-Organization", "openai-beta", "anthropic-version", "anthropic-beta",
        "x-codex-turn",
    ])
    func fieldsOnTheListGoUpstream(name: String) throws {
        #expect(try forwarded(["\(name): value"]) == [name])
    }

    @Test(arguments: [
        "authorization", "x-api-key", "api-key", "x-goog-api-key", "x-authorization", "x_api_key", "cookie",
        "proxy-authorization", "via", "forwarded", "x-forwarded-for", "x-real-ip", "referer", "origin",
        "helicone-auth", "cf-aig-authorization", "x-openwebui-user-email", "x-propylon-user", "x-propylon-tags",
        "x-request-id", "accept-encoding", "te", "keep-alive", "connection", "upgrade", "sec-websocket-key", "x-other",
        "openai", "x-stainless", "http2-settings",
    ])
    func everyOtherFieldStaysHere(name: String) throws {
        #expect(try forwarded(["\(name): value"]).isEmpty)
    }

    @Test func aFieldThatConnectionNamesStaysHere() throws {
        #expect(try forwarded(["connection: user-agent", "user-agent: x", "accept: y"]) == ["accept"])
    }

    @Test func aWebSocketHandshakeGoesUpstreamWithoutAKey() throws {
        let lines = [
            "sec-websocket-key: a", "sec-websocket-version: 13",
            "sec-websocket-protocol: realtime, openai-insecure-api-key.sk-ppl-x-y",
        ]
        #expect(try forwarded(lines, isUpgrade: true) == ["sec-websocket-key", "sec-websocket-version"])
        #expect(try forwarded(["sec-websocket-protocol: realtime"], isUpgrade: true) == ["sec-websocket-protocol"])
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\nhost: x\nconnection: upgrade\nupgrade: websocket", true),
        ("GET / HTTP/1.1\nhost: x\nupgrade: websocket", false),
        ("GET / HTTP/1.1\nhost: x\nconnection: upgrade", false),
        ("POST / HTTP/1.1\nhost: x\nconnection: upgrade\nupgrade: websocket", false),
        ("GET / HTTP/1.0\nhost: x\nconnection: upgrade\nupgrade: websocket", false),
        ("GET / HTTP/1.1\nhost: x\nconnection: upgrade\nupgrade: websocket\ncontent-length: 1", false),
    ])
    func anUpgradeIsAskedForByAGetWithoutABody(text: String, asks: Bool) throws {
        #expect(try RequestHead.of(text).asksForUpgrade == asks)
    }
}
