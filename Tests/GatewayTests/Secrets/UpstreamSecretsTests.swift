import Foundation
import HTTP1
import Loopback
import Testing

@testable import Gateway

@Suite(.ownThread) struct UpstreamSecretsTests {
    private static let key = "sk-upstream-0123456789"
    private static let masked = String(repeating: "*", count: key.count)

    private func masked(_ text: String, _ keys: [String] = [key]) -> String {
        var bytes = Array(text.utf8)
        UpstreamSecrets(keys).mask(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func everyKeyIsMaskedByItsOwnLength() {
        #expect(masked("a\(Self.key)b\(Self.key)") == "a\(Self.masked)b\(Self.masked)")
        #expect(
            masked("another-secret!\(Self.key)", [Self.key, "another-secret!"]) == String(repeating: "*", count: 37))
        #expect(masked("sk-upstream-012345678") == "sk-upstream-012345678")
        #expect(masked("Bearer short", ["short"]) == "Bearer *****")
        #expect(masked("any", [""]) == "any")
    }

    /// An upstream that quotes its own key, in a header and a body of the given head.
    private func answer(_ head: String, _ body: [UInt8], fields: String = "") throws -> (String, GatewayFixture) {
        let upstream = try ScriptedServer([
            [.readRequest, .sendBytes(Array((head + "content-length: \(body.count)\r\n\r\n").utf8) + body), .close]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address, upstreamKeys: [Self.key])
        let caller = try fixture.caller(
            sending: fixture.request(body: #"{"model":"m","messages":[{"content":"Hello there"}]}"#, fields: fields))
        var all: [UInt8] = []
        while let bytes = caller.receive(), !bytes.isEmpty { all += bytes }
        return (String(decoding: all, as: UTF8.self), fixture)
    }

    @Test(arguments: ["401 X", "403 X", "400 X", "500 X", "200 OK"])
    func anAnswerThatQuotesTheKeyIsMasked(status: String) throws {
        let (text, _) = try answer(
            "HTTP/1.1 \(status)\r\ncontent-type: application/json\r\nwww-authenticate: Bearer \(Self.key)\r\n",
            Array(#"{"error":{"message":"got authorization: Bearer \#(Self.key)"}}"#.utf8))
        #expect(!text.contains(Self.key))
        if !status.hasPrefix("401") { #expect(text.contains("Bearer \(Self.masked)\"}}")) }
    }

    @Test func aStreamThatQuotesTheKeyIsMasked() throws {
        let (text, _) = try answer(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n",
            Array("data: {\"error\":\"\(Self.key)\"}\n\ndata: [DONE]\n\n".utf8))
        #expect(text.contains("data: {\"error\":\"\(Self.masked)\"}"))
    }

    @Test func aCompressedAnswerThatQuotesTheKeyIsBrokenOff() throws {
        let packed = try gzip(Array(#"{"error":"\#(Self.key)"}"#.utf8))
        let (text, fixture) = try answer(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n", packed,
            fields: "accept-encoding: gzip\r\n")
        #expect(text.hasPrefix("HTTP/1.1 502 "))
        #expect(try fixture.usage.only().status == 502)
    }

    /// The gateway asked for `identity` or `gzip`, and cannot search anything else for its key.
    @Test(arguments: ["br", "zstd", "gzip, gzip"], [true, false])
    func anAnswerInAnotherCodingIsRefusedAndBilled(coding: String, isSuccess: Bool) throws {
        let (text, fixture) = try answer(
            "HTTP/1.1 \(isSuccess ? "200 OK" : "400 No")\r\ncontent-type: application/json\r\ncontent-encoding: \(coding)\r\n",
            Array("br of \(Self.key)".utf8), fields: "accept-encoding: gzip, br, zstd\r\n")
        #expect(text.hasPrefix("HTTP/1.1 502 "))
        #expect(!text.contains(Self.key))
        let record = try fixture.usage.only()
        #expect(record.status == 502)
        guard isSuccess else { return }
        #expect(record.exactness == .interrupted)
        #expect(record.units.inputTokens > 0)
        #expect(record.ending == .upstreamInterrupted)
    }

    @Test func inAnySplitNothingOfAKeyPasses() throws {
        let text = "x\(Self.key.dropLast()) \(Self.key)\(Self.key)sk-upst"
        let expected = "x\(Self.key.dropLast()) \(Self.masked)\(Self.masked)sk-upst"
        for size in 1...text.utf8.count {
            var filter = SecretFilter(UpstreamSecrets([Self.key]))
            var output: [UInt8] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let start = output.count
                filter.begin(&output)
                output += rest.prefix(size)
                rest = rest.dropFirst(size)
                filter.end(&output, from: start)
                #expect(!String(decoding: output, as: UTF8.self).contains(Self.key))
            }
            filter.begin(&output)
            #expect(String(decoding: output, as: UTF8.self) == expected)
        }
    }

    @Test func fieldsThatSpeakOfTheUpstreamsHostEndHere() throws {
        let fields = [
            "set-cookie: a=1", "strict-transport-security: max-age=1", "alt-svc: h3", "server: nginx", "nel: {}",
            "report-to: {}", "access-control-allow-origin: *", "x-powered-by: y",
        ]
        let (text, _) = try answer(
            "HTTP/1.1 200 OK\r\n\(fields.joined(separator: "\r\n"))\r\nx-kept: 1\r\n", Array("{}".utf8))
        for field in fields { #expect(!text.contains(field), "\(field)") }
        #expect(text.contains("\r\nx-kept: 1\r\n"))
    }
}
