import Foundation
import Loopback
import Policy
import Testing

@testable import Gateway

@Suite(.ownThread) struct ClientKeysTests {
    private let key = APIKey.generate().reveal()

    private func masked(_ text: String) -> String {
        var bytes = Array(text.utf8)
        ClientKeys.mask(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func theSecretIsMaskedAndTheIDStays() {
        let masked = masked("<\(key)><sk-ppl-><\(key)>")
        #expect(!masked.contains(key.suffix(43)))
        #expect(masked.hasPrefix("<\(key.dropLast(43))\(String(repeating: "*", count: 43))><sk-ppl-><"))
        #expect(masked.utf8.count == 2 * key.utf8.count + 13)
    }

    @Test func whatIsNoKeyStays() {
        let cut = String(key.dropLast())
        for text in [cut, "\(cut)!", key.replacing("sk-ppl-", with: "sk-pp1-"), "sk-ppl-"] {
            #expect(masked(text) == text)
        }
    }

    @Test(arguments: [false, true]) func noKeyGoesUpstream(isLarge: Bool) throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(http(#"{"id":"chatcmpl-1","choices":[]}"#)), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address) { if isLarge { $0.memoryBodyBytes = 100 } }
        let filling = isLarge ? String(repeating: "-", count: 70_000) : ""
        let body = #"{"model":"m","messages":["\#(filling)\#(fixture.key)\#(filling)"]}"#
        let fields = [
            "x-stainless-key: \(fixture.key)", "user-agent: \(fixture.key)", "x-authorization: \(fixture.key)",
            "x_api_key: \(fixture.key)", "helicone-auth: Bearer h", "cf-aig-authorization: c", "referer: r",
            "x-forwarded-for: 1.2.3.4", "x-openwebui-user-email: e", "cookie: c",
        ]
        let answer = try fixture.answer(
            to: fixture.request(
                "/v1/chat/completions?api_key=\(fixture.key)", body: body,
                fields: fields.joined(separator: "\r\n") + "\r\n"))
        #expect(try #require(answer).hasPrefix("HTTP/1.1 200 "))
        let sent = upstream.requests.withLock { $0[0] }
        #expect(sent.contains("api_key=\(fixture.key.dropLast(43))***"))
        #expect(!sent.contains(fixture.key.suffix(43)))
        for name in fields.dropFirst(2).compactMap({ $0.split(separator: ":").first }) {
            #expect(!sent.contains("\r\n\(name): "), "\(name)")
        }
    }
}
