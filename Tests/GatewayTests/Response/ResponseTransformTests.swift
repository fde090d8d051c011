import Bytes
import CZlib
import Foundation
import HTTP1
import OpenAIAPI
import SeededRandom
import Testing

@testable import Gateway

@Suite struct ResponseTransformTests {
    private static let document =
        #"{"id":"chatcmpl-1","backend":{"engine_type":"x"},"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}"#

    private static func head(_ lines: String...) throws -> ResponseHead {
        let text = (["HTTP/1.1 200 OK"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
        var reader = ResponseHeadReader(limit: 1 << 16, answeringHEAD: false)
        guard case .complete(let head, _) = try reader.read(Array(text.utf8).span) else { throw Incomplete() }
        return head
    }

    private struct Incomplete: Error {}

    private func transform(
        _ head: ResponseHead, hidesUsage: Bool = false, secrets: [String] = []
    ) -> ResponseTransform {
        ResponseTransform(
            head, endpoint: .chatCompletions, readers: EventReaders(), hidesUsage: hidesUsage,
            secrets: UpstreamSecrets(secrets))
    }

    private func output(_ transform: ResponseTransform, _ pieces: [[UInt8]]) -> [UInt8] {
        var output: [UInt8] = []
        for piece in pieces { transform.receive(piece.span, to: &output) }
        transform.finish(to: &output)
        return output
    }

    @Test func aDocumentPassesUnchangedInAnySplit() throws {
        let head = try Self.head("content-type: application/json", "content-length: 1")
        for pieces in everySplit(Array(Self.document.utf8)) {
            let transform = transform(head)
            #expect(output(transform, pieces) == Array(Self.document.utf8))
            #expect(transform.metadata?.id == "chatcmpl-1")
            #expect(transform.counters?.usage?.completionTokens == 3)
            #expect(transform.count == Self.document.utf8.count)
        }
    }

    @Test func theIdentityIsAwaitedUntilItHasPassed() throws {
        let transform = transform(try Self.head("content-type: application/json", "content-length: 1"))
        var output: [UInt8] = []
        #expect(transform.awaitsIdentity)
        transform.receive(Array(Self.document.utf8.prefix(60)).span, to: &output)
        #expect(!transform.awaitsIdentity)
        #expect(!transform.isStream)
    }

    @Test func aCompressedDocumentIsReadAndPassesAsItIs() throws {
        let packed = try gzip(Array(Self.document.utf8))
        let head = try Self.head("content-type: application/json", "content-encoding: gzip", "content-length: 1")
        for pieces in [[packed], packed.map { [$0] }] {
            let transform = transform(head)
            #expect(output(transform, pieces) == packed)
            #expect(transform.counters?.usage?.promptTokens == 7)
        }
    }

    /// Keys in what is not read could not be masked.
    @Test(arguments: [["br"], ["zstd"], ["gzip, br"], ["gzip", "br"], ["gzip", "gzip"], ["identity", "br"], [""]])
    func nothingPassesInACodingThatNobodyAskedFor(codings: [String]) throws {
        let fields = codings.map { "content-encoding: \($0)" }.joined(separator: "\r\n")
        let transform = transform(try Self.head("content-type: application/json", fields, "content-length: 1"))
        #expect(transform.obstacle == nil)
        #expect(output(transform, [[1, 2, 3], [4]]).isEmpty)
        #expect(transform.obstacle == .coding)
        #expect(transform.metadata == nil)
        #expect(!transform.awaitsIdentity)
    }

    @Test(arguments: ["identity", "IDENTITY"]) func theIdentityIsNoCoding(name: String) throws {
        let transform = transform(
            try Self.head("content-type: application/json", "content-encoding: \(name)", "content-length: 1"))
        #expect(output(transform, [Array(Self.document.utf8)]) == Array(Self.document.utf8))
        #expect(transform.obstacle == nil)
    }

    @Test func ofADamagedBodyNothingPassesThatWasNotRead() throws {
        let packed = try gzip(Array(Self.document.utf8))
        let head = try Self.head("content-type: application/json", "content-encoding: gzip", "content-length: 1")
        var damaged = packed
        damaged[damaged.count - 6] ^= 1
        for body in [packed + packed, packed + [0], damaged, [1, 2, 3], Array(Self.document.utf8)] {
            for pieces in everySplit(body) {
                let transform = transform(head)
                let passed = output(transform, pieces)
                #expect(transform.obstacle == .coding)
                #expect(passed.count < body.count && body.starts(with: passed))
                #expect(passed.count <= packed.count)
            }
        }
    }

    /// The plain text of what passes, which a client can make of it as it comes, has no key, also none in half an event.
    @Test(arguments: ["application/json", "text/event-stream", "text/plain"])
    func noKeyPassesInACompressedBody(type: String) throws {
        let key = "sk-upstream-0123456789"
        let packed = try gzip(Array("data: {\"a\":1}\n\ndata: {\"a\":\"\(key)\"}\n\n".utf8))
        let head = try Self.head("content-type: \(type)", "content-encoding: gzip", "transfer-encoding: chunked")
        for pieces in everySplit(packed) {
            let transform = transform(head, secrets: [key])
            var passed: [UInt8] = []
            for piece in pieces { transform.receive(piece.span, to: &passed) }
            #expect(transform.obstacle == .key)
            #expect(packed.starts(with: passed))
            var text: [UInt8] = []
            var inflater = Inflater(limit: .max)
            inflater?.inflate(passed.span) { text.append($0) }
            #expect(!String(decoding: text, as: UTF8.self).contains("sk-u"))
        }
        // What only begins like a key passes, at the end at the latest.
        let harmless = try gzip(Array("data: sk-upstream-".utf8))
        for pieces in everySplit(harmless) { #expect(output(transform(head, secrets: [key]), pieces) == harmless) }
    }

    @Test func aStreamLosesWhatTheGatewayAskedFor() throws {
        let event = #"data: {"choices":[{"delta":{"content":"a"}}],"usage":null}"# + "\n\n"
        let usage = #"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"# + "\n\n"
        let head = try Self.head("content-type: text/event-stream", "transfer-encoding: chunked")
        let hidden = transform(head, hidesUsage: true)
        let seen = String(decoding: output(hidden, [Array((event + usage).utf8)]), as: UTF8.self)
        #expect(!seen.contains("usage"))
        #expect(hidden.counters?.usage?.completionTokens == 2)
        #expect(hidden.isStream)
        let plain = transform(head)
        #expect(output(plain, [Array((event + usage).utf8)]) == Array((event + usage).utf8))
    }

    @Test func anErrorEventFollowsWholeEventsOnly() throws {
        let transform = transform(try Self.head("content-type: text/event-stream", "transfer-encoding: chunked"))
        #expect(transform.canTakeAnEvent)
        var output: [UInt8] = []
        transform.receive(Array("data: {}\n\nda".utf8).span, to: &output)
        #expect(output == Array("data: {}\n\n".utf8))
        #expect(transform.canTakeAnEvent)
        transform.receive([UInt8](repeating: 0x61, count: 300_000).span, to: &output)
        #expect(!transform.canTakeAnEvent)
    }
}

@Suite struct InflaterTests {
    private func inflated(_ pieces: [[UInt8]], limit: Int = 1 << 20) throws -> (bytes: [UInt8], isWhole: Bool) {
        guard var inflater = Inflater(limit: limit) else { return ([], false) }
        var bytes: [UInt8] = []
        for piece in pieces {
            inflater.inflate(piece.span) { plain in plain.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }
        }
        return (bytes, inflater.isWhole)
    }

    @Test func aStreamIsInflatedInAnySplit() throws {
        let plain = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let packed = try gzip(plain)
        var random = SeededGenerator(seed: 5)
        for _ in 0..<20 {
            let (bytes, isWhole) = try inflated(random.pieces(packed))
            #expect(bytes == plain)
            #expect(isWhole)
        }
    }

    @Test func aCutOrDamagedStreamIsNotWhole() throws {
        let packed = try gzip(Array(repeating: 7, count: 5000))
        #expect(try !inflated([Array(packed.dropLast())]).isWhole)
        #expect(try !inflated([packed + [0]]).isWhole)
        var damaged = packed
        damaged[packed.count / 2] ^= 0xFF
        #expect(try !inflated([damaged]).isWhole)
        #expect(try inflated([[1, 2, 3]]).bytes.isEmpty)
    }

    /// A piece whose text fills the room for it exactly is not the end.
    @Test func piecesOfEveryLengthGoOn() throws {
        let plain = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 2) }
        let packed = gzip(storing: plain)
        for cut in [10, 15, 16_383, 16_384, 16_385, 16_399, 32_767, 32_768, 32_783] {
            for header in 0...20 where cut + header < packed.count {
                let split = cut + header
                let (bytes, isWhole) = try inflated([Array(packed[..<split]), Array(packed[split...])])
                #expect(bytes == plain, "\(split)")
                #expect(isWhole, "\(split)")
            }
        }
    }

    @Test func plainTextIsBounded() throws {
        let packed = try gzip(Array(repeating: 7, count: 1 << 20))
        let (bytes, isWhole) = try inflated([packed], limit: 1000)
        #expect(bytes.count < 1 << 18)
        #expect(!isWhole)
    }
}

/// `bytes` in gzip, as zlib writes it into a file.
func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).gz").path
    defer { unlink(path) }
    let file = try #require(gzopen(path, "wb"))
    #expect(bytes.isEmpty || gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count))
    #expect(gzclose(file) == Z_OK)
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// `bytes` as a zlib stream, which HTTP calls `deflate`.
func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var length = compressBound(uLong(bytes.count))
    var packed = [UInt8](repeating: 0, count: Int(length))
    #expect(compress(&packed, &length, bytes, uLong(bytes.count)) == Z_OK)
    return Array(packed.prefix(Int(length)))
}
