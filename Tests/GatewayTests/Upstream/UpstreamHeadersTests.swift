import HTTP1
import Testing

@testable import Gateway

@Suite struct ForwardedFieldsTests {
    private func forwarded(_ lines: [String]) throws -> [String] {
        let head = try RequestHead.of("GET / HTTP/1.1\nhost: x\n" + lines.joined(separator: "\n"))
        let fields = head.fields
        return (0..<fields.count).compactMap { index in
            let field = fields[index]
            return ForwardedFields.contains(field, of: fields) ? fields.string(field.name) : nil
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
        "sec-websocket-protocol", "openai", "x-stainless", "http2-settings",
    ])
    func everyOtherFieldStaysHere(name: String) throws {
        #expect(try forwarded(["\(name): value"]).isEmpty)
    }

    @Test func aFieldThatConnectionNamesStaysHere() throws {
        #expect(try forwarded(["connection: user-agent", "user-agent: x", "accept: y"]) == ["accept"])
    }

    @Test(arguments: [
        ("realtime", false), ("openai-beta.realtime-v1", false), ("graphql-transport-ws", false), ("task-queue", false),
        ("openai-insecure-api-key.sk-ppl-x-y", true), ("OpenAI-Insecure-API-Key.abc", true), ("sk-ppl-x-y", true),
        ("base64url.bearer.authorization.k8s.io.YQ", true), ("Bearer.abc", true), ("x_api_key.abc", true),
    ])
    func subprotocolsThatHoldACredential(name: String, holds: Bool) {
        #expect(Subprotocol.holdsCredential(name) == holds)
    }
}
