import Foundation
import Loopback
import Testing

@testable import Gateway

@Suite(.ownThread) struct ReadBodyTests {
    private static let chat = #"{"model":"m","messages":[]}"#

    private func upstream() throws -> ScriptedServer {
        try ScriptedServer([[.readRequest, .send(http(#"{"id":"chatcmpl-1","choices":[]}"#)), .waitForEnd]])
    }

    /// The answer to a request with `body`, which `fields` describe.
    private func answer(_ fixture: GatewayFixture, _ fields: String, _ body: [UInt8]) throws -> String {
        let caller = try fixture.caller(
            sending:
                "POST /v1/chat/completions HTTP/1.1\r\nhost: g\r\nauthorization: Bearer \(fixture.key)\r\nconnection: close\r\n"
                + fields + "content-length: \(body.count)\r\n\r\n")
        caller.send(body)
        return caller.receiveRest().text
    }

    @Test(arguments: ["gzip", "GZIP", "x-gzip", "deflate"]) func aCompressedBodyGoesOnDecoded(coding: String) throws {
        let upstream = try upstream()
        let fixture = try GatewayFixture(upstream: upstream.address)
        let packed = coding == "deflate" ? zlib(Array(Self.chat.utf8)) : try gzip(Array(Self.chat.utf8))
        let text = try answer(fixture, "content-type: application/json\r\ncontent-encoding: \(coding)\r\n", packed)
        #expect(text.hasPrefix("HTTP/1.1 200 "))
        let sent = upstream.requests.withLock { $0[0] }
        #expect(sent.hasSuffix("\r\n\r\n" + Self.chat))
        #expect(!sent.contains("content-encoding"))
        #expect(try fixture.usage.only().modelAsked == "m")
    }

    private func refusal(
        _ fields: String, _ body: [UInt8] = Array(chat.utf8), _ adjust: (inout GatewayOptions) -> Void = { _ in }
    ) throws -> String {
        let upstream = try upstream()
        let fixture = try GatewayFixture(upstream: upstream.address, adjust)
        let text = try answer(fixture, fields, body)
        #expect(upstream.requests.withLock { $0.isEmpty })
        return text
    }

    @Test(arguments: ["br", "zstd", "gzip, gzip", "compress", ""]) func otherCodingsAreRefused(coding: String) throws {
        #expect(try refusal("content-encoding: \(coding)\r\n").hasPrefix("HTTP/1.1 415 "))
    }

    @Test func aDamagedBodyIsRefused() throws {
        let packed = try gzip(Array(Self.chat.utf8))
        for body in [Array(packed.dropLast()), Array(packed.prefix(8)), packed + [0], Array(Self.chat.utf8)] {
            #expect(try refusal("content-encoding: gzip\r\n", body).contains(#""code":"invalid_encoding""#))
        }
    }

    @Test func aBodyThatGrowsAboveTheLimitIsRefused() throws {
        let bomb = try gzip([UInt8](repeating: 32, count: 1 << 20))
        #expect(try refusal("content-encoding: gzip\r\n", bomb) { $0.bodyBytes = 1 << 16 }.hasPrefix("HTTP/1.1 413 "))
    }

    @Test(arguments: [
        "content-type: application/json\r\ncontent-type: text/plain\r\n",
        "content-encoding: gzip\r\ncontent-encoding: identity\r\n",
    ])
    func fieldsThatDecideAboutTheBodyStandOnce(fields: String) throws {
        #expect(try refusal(fields).contains(#""code":"repeated_header""#))
    }

    @Test(arguments: ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
    func whatIsReadAsJSONIsSentAsJSON(type: String) throws {
        let upstream = try upstream()
        let fixture = try GatewayFixture(upstream: upstream.address)
        _ = try answer(fixture, "content-type: \(type)\r\n", Array(Self.chat.utf8))
        let sent = upstream.requests.withLock { $0[0] }
        #expect(sent.contains("\r\ncontent-type: application/json\r\n"))
        #expect(sent.components(separatedBy: "content-type").count == 2)
    }
}
