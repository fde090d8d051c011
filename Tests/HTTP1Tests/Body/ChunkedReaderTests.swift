import Bytes
import SeededRandom
import Testing

@testable import HTTP1

@Suite struct ChunkedReaderTests {
    static let bodies: [String] = [
        "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n00A\r\n0123456789\r\n000\r\n\r\nnext",
        "1;a\r\nx\r\n0;b=\"\\\"q;\";c = d\r\n\r\n", "2\r\n\r\n\r\n0\r\nX-Sum: 1\r\ny:\r\n\r\nnext", "0\r\na: b\r\n\r\n",
        "3\r\nabc0\r\n\r\n", "3\r\nab\r\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n", "g\r\n", "1;=\r\nx\r\n0\r\n\r\n",
        "0\r\na b: c\r\n\r\n", "0\r\n\rx\r\n", "1\nx\r\n0\r\n\r\n", "0\r\nhost: a\r\n\r\n",
    ]

    @Test(arguments: bodies)
    func everySplitGivesTheSame(text: String) {
        let bytes = Array(text.utf8)
        let whole = BodyResult(.chunked, [bytes])
        #expect(whole.isComplete || whole.error != nil)
        for pieces in everySplit(bytes) { #expect(BodyResult(.chunked, pieces) == whole) }
    }

    @Test func dataBeforeTrailers() {
        let result = BodyResult(.chunked, "5;x=y\r\nhello\r\n1\r\n \r\n0\r\nX-Sum: 1\r\nY:\r\n\r\nnext")
        #expect(result.text == "hello ")
        #expect(result.rest == Array("next".utf8))
        #expect(result.isComplete)
    }

    @Test(arguments: [
        ("\r\n", HTTP1Error.invalidChunkSize), (";a\r\n", .invalidChunkSize), (" 5\r\n", .invalidChunkSize),
        ("5 \r\n", .invalidChunkExtension), ("5\t\r\n", .invalidChunkExtension), ("5 a\r\n", .invalidChunkExtension),
        ("5 5;a\r\n", .invalidChunkExtension), ("5 ;\r\n", .invalidChunkExtension), ("5 \n", .invalidLineEnding),
        ("+5\r\n", .invalidChunkSize), ("-5\r\n", .invalidChunkSize), ("0x5\r\n", .invalidChunkSize),
        ("5h\r\n", .invalidChunkSize), ("5_0\r\n", .invalidChunkSize), ("é\r\n", .invalidChunkSize),
        ("8000000000000000\r\n", .invalidChunkSize), ("ffffffffffffffff\r\n", .invalidChunkSize),
        ("10000000000000000\r\n", .invalidChunkSize), ("0000000000000000g\r\n", .invalidChunkSize),
        ("5\nhello", .invalidLineEnding), ("5\rhello", .invalidLineEnding), ("5;a\nhello", .invalidLineEnding),
        ("5;a=\"\n", .invalidLineEnding), ("1\r\nxy", .missingChunkEnd), ("1\r\nx\n", .missingChunkEnd),
        ("1\r\nx\ry", .missingChunkEnd), ("0\r\n\n", .invalidLineEnding), ("0\r\n\ra", .invalidLineEnding),
        ("0\r\na: b\n", .invalidLineEnding), ("0\r\na : b\r\n", .whitespaceBeforeColon),
        ("0\r\n a: b\r\n", .obsoleteLineFolding), ("0\r\na: \u{0}\r\n", .invalidHeaderValue),
    ])
    func refuses(text: String, error: HTTP1Error) {
        #expect(BodyResult(.chunked, text).error == error)
    }

    /// Trailers are dropped, so no field in them has a meaning, and no value of it is wrong.
    @Test(arguments: [
        "content-length: 5", "content-length: x", "content-length: 5\r\ncontent-length: 6",
        "Transfer-Encoding: chunked", "transfer-encoding:", "host: a", "host: b\r\nhost: c", "connection: close",
        "connection: \(String(repeating: "x,", count: 200))", "expect: x", "trailer: content-length",
        "authorization: Bearer x", "content-type: text/plain", "content-encoding: gzip",
    ])
    func trailersOfFramingAreDropped(fields: String) {
        let text = "2\r\nab\r\n0\r\n\(fields)\r\n\r\nnext"
        for pieces in [[Array(text.utf8)], text.utf8.map { [$0] }] {
            let result = BodyResult(.chunked, pieces)
            #expect(result.isComplete)
            #expect(result.error == nil)
            #expect(result.text == "ab")
        }
        #expect(BodyResult(.chunked, text).rest == Array("next".utf8))
    }

    @Test(arguments: ["5 ;a", "5\t;a", "5 \t ; a = b", "5;a ;b", "5 ;a=\"b\" ;c"])
    func whiteSpaceAroundAnExtensionIsRead(line: String) {
        for pieces in everySplit(Array("\(line)\r\nhello\r\n0 ;x\r\n\r\n".utf8)) {
            let result = BodyResult(.chunked, pieces)
            #expect(result.isComplete)
            #expect(result.text == "hello")
        }
    }

    @Test func leadingZerosAreBoundedByTheLine() {
        let zeros = String(repeating: "0", count: 4095)
        #expect(BodyResult(.chunked, "\(zeros)1\r\nx\r\n\(zeros)0\r\n\r\n").isComplete)
        #expect(BodyResult(.chunked, "\(zeros)01\r\n").error == .chunkLineTooLong)
    }

    @Test func theLargestSizeIsTaken() {
        let result = BodyResult(.chunked, "7fffffffffffffff\r\nabc")
        #expect(result.error == nil)
        #expect(result.text == "abc")
        #expect(!result.isComplete)
    }

    @Test func linesAreBounded() {
        let name = String(repeating: "n", count: 4096 - 2)
        #expect(BodyResult(.chunked, "0;\(name)\r\n\r\n").isComplete)
        #expect(BodyResult(.chunked, "0;\(name)n\r\n\r\n").error == .chunkLineTooLong)
        // For each line anew.
        #expect(BodyResult(.chunked, "1;\(name)\r\nx\r\n0;\(name)\r\n\r\n").isComplete)
    }

    @Test func trailersAreBounded() {
        let trailers = "a: b\r\n\r\n"
        #expect(BodyResult(.chunked, "0\r\n\(trailers)next", trailerLimit: trailers.utf8.count).isComplete)
        let tight = BodyResult(.chunked, "0\r\n\(trailers)next", trailerLimit: trailers.utf8.count - 1)
        #expect(tight.error == .trailersTooLarge)
    }

    @Test func whatIsWrittenIsRead() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            var body: [UInt8] = []
            var wire: [UInt8] = []
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                let size = Int.random(in: 1...300, using: &generator)
                let chunk = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
                body += chunk
                ChunkedCoding.begin(size: size, to: &wire)
                wire += chunk
                ChunkedCoding.endChunk(to: &wire)
            }
            ChunkedCoding.last(to: &wire)
            let result = BodyResult(.chunked, generator.pieces(wire))
            #expect(result.isComplete)
            #expect(result.data == body)
        }
    }

    @Test func mutatedBodiesAreReadAsByTheModel() {
        var generator = SeededGenerator(seed: 5)
        let corpus = ["5\r\nhello\r\n0\r\n\r\n", "a\r\n0123456789\r\n02\r\nxy\r\n000\r\n\r\n", "1\r\n\n\r\n0\r\n\r\n"]
        var accepted = 0
        for _ in 0..<10_000 {
            let bytes = generator.mutated(Array(corpus.randomElement(using: &generator)!.utf8))
            let whole = BodyResult(.chunked, [bytes])
            #expect(BodyResult(.chunked, generator.pieces(bytes)) == whole)
            // The model knows neither extensions nor trailers; the splits above do.
            guard !bytes.contains(UInt8(ascii: ";")), !bytes.contains(ASCII.colon) else { continue }
            let model = model(bytes)
            #expect(whole.isComplete == (model != nil), "\(bytes)")
            guard let model, whole.isComplete else { continue }
            accepted += 1
            #expect(whole.data == model)
        }
        #expect((500..<9000).contains(accepted))
    }

    private func model(_ bytes: [UInt8]) -> [UInt8]? {
        var rest = bytes[...]
        var body: [UInt8] = []
        while true {
            let digits = rest.prefix { (48...57).contains($0) || (65...70).contains($0) || (97...102).contains($0) }
            guard !digits.isEmpty, let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else {
                return nil
            }
            rest = rest.dropFirst(digits.count)
            guard rest.starts(with: [13, 10]) else { return nil }
            rest = rest.dropFirst(2)
            if size > 0, rest.count < size { return nil }
            body += rest.prefix(size)
            rest = rest.dropFirst(size)
            guard rest.starts(with: [13, 10]) else { return nil }
            rest = rest.dropFirst(2)
            if size == 0 { return body }
        }
    }
}
