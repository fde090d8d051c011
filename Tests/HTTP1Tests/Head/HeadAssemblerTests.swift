import SeededRandom
import Testing

@testable import HTTP1

/// The same result from any split of the bytes.
@Suite struct HeadAssemblerTests {
    static let requests: [String] = [
        request(), request("content-length: 5") + "hello", "\r\n" + request("transfer-encoding: chunked") + "0\r\n\r\n",
        request("a:b\tc", "d: \t", "connection: d", line: "GET http://a?q HTTP/1.1"), "\r\n\r\n" + request(),
        request("a: b\n"), request("a: b\r"), request("a b"), request(" a: b"), request("a: \u{0}"), request(host: ""),
        request(line: "GET / HTTP/3.0"), request(line: "GET  / HTTP/1.1"), request(line: "G\u{1}T / HTTP/1.1"),
        request("content-length: x", "a b: c"), request("content-length: 1", "content-length: 1"),
        request("transfer-encoding: a\u{7F}"), "\n" + request(), "\r" + request(), request("expect: x", "host: b"),
    ]

    static let responses: [String] = [
        response(), response("content-length: 5") + "hello", "HTTP/1.1 100 Continue\r\n\r\n" + response("a: b") + "x",
        response(line: "HTTP/1.1 204"), response(line: "HTTP/1.1 2000"), response("a: b\rc"),
        response(line: "HTTP/2.0 200 x"),
        response("transfer-encoding: chunked, chunked"), "HTTP/1.1 103 x\r\ncontent-length: 3\r\n\r\n" + response(),
        response(line: "HTTP/1.1 200 a\tb"),
    ]

    @Test(arguments: requests)
    func requestsFromEverySplit(text: String) {
        let bytes = Array(text.utf8)
        let whole = readRequest([bytes])
        #expect(whole != .needsMore)
        for pieces in everySplit(bytes) { #expect(readRequest(pieces) == whole) }
    }

    @Test(arguments: responses)
    func responsesFromEverySplit(text: String) {
        let bytes = Array(text.utf8)
        let whole = readResponse([bytes])
        #expect(whole != .needsMore)
        for pieces in everySplit(bytes) { #expect(readResponse(pieces) == whole) }
    }

    /// The limit is the same too: what is found depends on the bytes up to it alone.
    @Test func limitsFromEverySplit() {
        for text in Self.requests {
            let bytes = Array(text.utf8)
            for limit in 1...bytes.count {
                let whole = readRequest([bytes], limit: limit)
                #expect(whole != .needsMore)
                #expect(readRequest(bytes.map { [$0] }, limit: limit) == whole)
                let middle = bytes.count / 2
                #expect(readRequest([Array(bytes[..<middle]), Array(bytes[middle...])], limit: limit) == whole)
            }
        }
    }

    @Test func limitIsExact() {
        let text = request("a: b")
        let size = text.utf8.count
        #expect(readRequest(text + "body", limit: size).seen != nil)
        #expect(readRequest(text + "body", limit: size - 1).error == .headersTooLarge)
        #expect(readRequest(text, limit: "POST /v1/files HTTP/1.1\r\n".utf8.count).error == .headersTooLarge)
        #expect(readRequest(text, limit: "POST /v1/files HTTP/1.1\r\n".utf8.count - 1).error == .targetTooLong)
        // The empty line before a request is not part of its head.
        #expect(readRequest("\r\n" + text, limit: size).seen != nil)
        #expect(readResponse(response("a: b"), limit: 10).error == .headersTooLarge)
    }

    @Test func unfinishedHeadNeedsMore() {
        let bytes = Array(request("content-length: 5").utf8)
        for end in 0..<bytes.count { #expect(readRequest([Array(bytes[..<end])]) == .needsMore) }
    }

    /// A peer that speaks something else is noticed at once, not when its line ends.
    @Test func garbageIsRefusedAtOnce() {
        #expect(readRequest([[0x16, 0x03, 0x01, 0x02, 0x00]]).error == .invalidMethod)
        #expect(readRequest([[0x47, 0x45], [0x54, 0x00]]).error == .invalidMethod)
    }

    @Test func mutatedHeadsFromRandomSplits() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<3000 {
            let bytes = generator.mutated(Array(Self.requests.randomElement(using: &generator)!.utf8))
            let limit = Int.random(in: 1...200, using: &generator)
            // The end of a head that has none must come, or a slow reader may not have seen all it would refuse.
            let closed = bytes + Array("\r\n\r\n".utf8)
            let whole = readRequest([closed], limit: limit)
            let pieces = generator.pieces(closed)
            #expect(readRequest(pieces, limit: limit) == whole, "\(closed) \(limit)")
        }
    }
}
