import Loopback
import Testing

@testable import Gateway

/// Errors of the upstream about the length of the context, which get the code that clients look for, and all others, which do not change.
@Suite(.ownThread) struct ContextLengthTests {
    private static let error =
        #"{"error":{"message":"This model's maximum context length is 9 tokens.","type":"BadRequestError","code":400}}"#
    private static let coded = error.replacing("400", with: #""context_length_exceeded""#)
    private static let other = #"{ "error": {"message":"no such model", "code":404} }"#

    private func response(
        _ head: String, _ body: [UInt8], fields: String = "accept-encoding: gzip\r\n"
    ) throws -> (head: String, body: [UInt8], fixture: GatewayFixture) {
        let upstream = try ScriptedServer([
            [.readRequest, .sendBytes(Array("HTTP/1.1 \(head)\r\n\r\n".utf8) + body), .close]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(sending: fixture.request(body: RequestPipelineTests.chat, fields: fields))
        var all: [UInt8] = []
        while let bytes = client.receive(), !bytes.isEmpty { all += bytes }
        let start = try #require(all.indices.first { all[$0...].starts(with: "\r\n\r\n".utf8) })
        return (String(decoding: all[..<start], as: UTF8.self), Array(all[(start + 4)...]), fixture)
    }

    private func sized(_ status: String, _ body: [UInt8], _ fields: String = "") -> String {
        "\(status)\r\ncontent-type: application/json; charset=utf-8\r\n\(fields)content-length: \(body.count)"
    }

    @Test(
        arguments: ["400 Bad Request", "413 Content Too Large", "422 No", "500 No"], ["", "id: a\r\nbackend: {}\r\n"])
    func errorGetsTheCode(_ status: String, _ fields: String) throws {
        let (head, body, fixture) = try response(
            sized(status, Array(Self.error.utf8), fields), Array(Self.error.utf8))
        #expect(head.hasPrefix("HTTP/1.1 \(status.prefix(3)) "))
        #expect(head.contains("\r\ncontent-length: \(Self.coded.utf8.count)"))
        #expect(String(decoding: body, as: UTF8.self) == Self.coded)
        let record = try fixture.usage.only()
        #expect(record.status == Int(status.prefix(3)))
        #expect(record.ending == .complete)
        #expect(record.cost == .zero)
    }

    @Test func compressedErrorGetsItDecoded() throws {
        let packed = try gzip(Array(Self.error.utf8))
        let (head, body, _) = try response(sized("400 No", packed, "content-encoding: gzip\r\n"), packed)
        #expect(!head.contains("content-encoding"))
        #expect(String(decoding: body, as: UTF8.self) == Self.coded)
    }

    @Test func errorInChunksGetsIt() throws {
        let pieces = [Self.error.prefix(40), Self.error.dropFirst(40)].map {
            "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n"
        }
        let (_, body, _) = try response(
            "400 No\r\ncontent-type: application/json\r\ntransfer-encoding: chunked",
            Array((pieces.joined() + "0\r\n\r\n").utf8))
        #expect(String(decoding: body, as: UTF8.self) == Self.coded)
    }

    @Test func otherErrorsKeepTheirBytes() throws {
        let packed = try gzip(Array(Self.other.utf8))
        let large =
            Array(Self.error.dropLast().utf8) + Array(#","x":"\#(String(repeating: "x", count: 300_000))"}"#.utf8)
        for (fields, sent) in [("", Array(Self.other.utf8)), ("content-encoding: gzip\r\n", packed), ("", large)] {
            let (head, body, _) = try response(sized("400 No", sent, fields), sent)
            #expect(head.contains("\r\ncontent-length: \(sent.count)"))
            #expect(head.contains("content-encoding") == !fields.isEmpty)
            #expect(body == sent)
        }
    }

    @Test(arguments: ["200 OK", "401 No", "403 No", "404 No", "429 No"]) func otherStatusesAreNotLookedInto(
        _ status: String
    ) throws {
        let (_, body, _) = try response(sized(status, Array(Self.error.utf8)), Array(Self.error.utf8))
        #expect(!String(decoding: body, as: UTF8.self).contains("context_length_exceeded"))
    }

    @Test func errorThatIsNoJSONIsLeftAlone() throws {
        let (_, body, _) = try response(
            "400 No\r\ncontent-type: text/plain\r\ncontent-length: \(Self.error.utf8.count)", Array(Self.error.utf8))
        #expect(String(decoding: body, as: UTF8.self) == Self.error)
    }

    @Test func errorThatIsCutIsNotWhole() throws {
        let sent = Array(Self.error.utf8.dropLast(5))
        let (head, _, _) = try response("400 No\r\ncontent-type: application/json\r\ncontent-length: 900", sent)
        #expect(head.hasPrefix("HTTP/1.1 502 "))
    }
}
