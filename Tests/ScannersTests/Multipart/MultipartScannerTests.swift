import SeededRandom
import Testing

@testable import Scanners

@Suite struct MultipartScannerTests {
    /// What a scanner makes of a body in pieces.
    struct Outcome: Equatable {
        var error: MultipartError?
        var parts: [MultipartPart] = []
        var fileHead: [UInt8] = []

        init(_ pieces: [[UInt8]], valueLimit: Int = 1024, partLimit: Int = 256, headLimit: Int = 8192) {
            var scanner = MultipartScanner(
                boundary: Array("bound".utf8), valueLimit: valueLimit, partLimit: partLimit, headLimit: headLimit)
            var file: [UInt8] = []
            do {
                for piece in pieces {
                    try scanner.scan(piece.span) { content in
                        content.withUnsafeBufferPointer { file.append(contentsOf: $0) }
                    }
                }
                try scanner.finish()
            } catch {
                self.error = error
            }
            parts = scanner.parts
            fileHead = Array(file.prefix(8))
        }

        init(_ text: String, valueLimit: Int = 1024, partLimit: Int = 256, headLimit: Int = 8192) {
            self.init([Array(text.utf8)], valueLimit: valueLimit, partLimit: partLimit, headLimit: headLimit)
        }
    }

    static func part(_ name: String, _ content: String, _ more: String = "") -> String {
        "--bound\r\nContent-Disposition: form-data; name=\"\(name)\"\(more)\r\n\r\n\(content)\r\n"
    }

    static let end = "--bound--\r\n"

    @Test func fieldsAndFiles() throws {
        let text =
            Self.part("model", "whisper-1") + Self.part("file", "RIFF\r\n\r\nxyz1234", "; filename=\"a.wav\"")
            + Self.part("empty", "") + Self.end
        let outcome = Outcome(text)
        #expect(outcome.error == nil)
        #expect(outcome.parts.map(\.name) == ["model", "file", "empty"])
        #expect(outcome.parts.map(\.fileName) == [nil, "a.wav", nil])
        #expect(outcome.parts.map(\.value) == [Array("whisper-1".utf8), nil, []])
        let bytes = Array(text.utf8)
        #expect(bytes[outcome.parts[0].range].elementsEqual("whisper-1".utf8))
        #expect(bytes[outcome.parts[1].range].elementsEqual("RIFF\r\n\r\nxyz1234".utf8))
        #expect(outcome.parts[2].range.isEmpty)
        #expect(outcome.fileHead == Array("RIFF\r\n\r\n".utf8))
    }

    @Test func whatMayStandAroundTheParts() {
        let part = Self.part("a", "1")
        for text in [
            part + "--bound--", "preamble\r\n" + part + Self.end, part + Self.end + "epilogue\r\n--boun",
            "\r\n" + part + Self.end,
        ] {
            #expect(Outcome(text).error == nil)
            #expect(Outcome(text).parts.map(\.value) == [[0x31]])
        }
        #expect(Outcome(Self.end).error == nil)
        #expect(Outcome(Self.end).parts.isEmpty)
    }

    @Test func whatReadersDifferAboutIsRefused() {
        let part = Self.part("a", "1")
        let head = "content-disposition: form-data; name=a\r\n\r\n"
        for (text, kind) in [
            (part + "--boundary\r\n", .invalidDelimiter),
            (part + "--bound \r\n", .invalidDelimiter),
            (part + "--bound\n" + head, .invalidDelimiter),
            (part + "--bound-x", .invalidDelimiter),
            (part + "--bound--x", .invalidDelimiter),
            (part + "--bound--\n", .invalidDelimiter),
            ("--bound\r\n" + head + "--bound--", .invalidDelimiter),
            (part + Self.end + "--bound\r\n", .delimiterAfterEnd),
            (part + Self.end + "x\r\n--bound\r\n", .delimiterAfterEnd),
            ("--bound\r\n\r\n1\r\n" + Self.end, .invalidDisposition),
            ("--bound\r\nx\n\r\n\r\n1\r\n" + Self.end, .invalidHead),
            ("", .missingClosingDelimiter), (part, .missingClosingDelimiter),
            (part + "--bound", .missingClosingDelimiter),
            (part + "--bound-", .missingClosingDelimiter), (part + "--bound--\r", .missingClosingDelimiter),
            ("--bound\r\n" + head + "1", .missingClosingDelimiter), ("x--bound--", .missingClosingDelimiter),
        ] as [(String, MultipartError.Kind)] {
            #expect(Outcome(text).error?.kind == kind, "\(text.debugDescription)")
            #expect(Outcome(Array(text.utf8).map { [$0] }) == Outcome([Array(text.utf8)]), "\(text.debugDescription)")
        }
    }

    /// Python's email and others end a part at any line end before the boundary.
    @Test func aDelimiterAfterALoneLineEndIsRefused() {
        for lineEnd in ["\n", "\r", "\r\r", "\n\n", "\r\n\n", "\n\r"] {
            for text in [
                Self.part("model", "cheap" + lineEnd + Self.part("model", "dear").dropLast(2)) + Self.end,
                Self.part("file", "x" + lineEnd + "--bound--", "; filename=a") + Self.end,
                lineEnd + Self.part("a", "1") + Self.end, Self.part("a", "1") + Self.end + "x" + lineEnd + "--bound",
            ] {
                #expect(Outcome(text).error?.kind == .invalidDelimiter, "\(text.debugDescription)")
                for pieces in everySplit(Array(text.utf8)) { #expect(Outcome(pieces) == Outcome(text)) }
            }
        }
    }

    @Test(arguments: [
        "\n", "\r", "\r\n\r", "\n-", "\r-", "\r--", "\n--boun", "\r--boun\n--boun\r\n--boun", "\r\n-\n", "x--bound",
    ])
    func lineEndsOfAContentStayInIt(content: String) {
        let text = Self.part("a", content) + Self.part("b", content + "x", "; filename=f") + Self.end
        for pieces in everySplit(Array(text.utf8)) {
            let outcome = Outcome(pieces)
            #expect(outcome.error == nil)
            #expect(outcome.parts.first?.value == Array(content.utf8))
            #expect(outcome.fileHead == Array((content + "x").utf8.prefix(8)))
        }
    }

    @Test func limitsHold() {
        let part = Self.part("a", "12345")
        #expect(Outcome(part + Self.end, valueLimit: 5).parts.first?.value?.count == 5)
        let longer = Outcome(part + Self.end, valueLimit: 4)
        #expect(longer.error == nil)
        #expect(longer.parts.first?.value == nil)
        #expect(longer.parts.first?.range.count == 5)
        #expect(Outcome(part + part + Self.end, partLimit: 2).error == nil)
        #expect(Outcome(part + part + part + Self.end, partLimit: 2).error?.kind == .tooManyParts)
        let headSize = "Content-Disposition: form-data; name=\"a\"\r\n\r\n".utf8.count
        #expect(Outcome(part + Self.end, headLimit: headSize).error == nil)
        #expect(Outcome(part + Self.end, headLimit: headSize - 1).error?.kind == .headTooLarge)
        // A head that never ends is not gathered.
        #expect(Outcome("--bound\r\n" + String(repeating: "x", count: 9000)).error?.kind == .headTooLarge)
    }

    @Test func onlyTheFirstFileIsLookedAt() {
        let outcome = Outcome(
            Self.part("a", "first file", "; filename=a") + Self.part("b", "second", "; filename=b") + Self.end)
        #expect(outcome.fileHead == Array("first fi".utf8))
        #expect(
            Outcome(Self.part("a", "", "; filename=a") + Self.part("b", "second", "; filename=b") + Self.end).fileHead
                .isEmpty)
    }

    @Test func anErrorStays() {
        var scanner = MultipartScanner(boundary: [0x62])
        let bad = Array("--b?".utf8)
        let good = Array("--b--".utf8)
        #expect(throws: MultipartError(.invalidDelimiter, at: 3)) { try scanner.scan(bad.span) }
        #expect(throws: MultipartError(.invalidDelimiter, at: 3)) { try scanner.scan(good.span) }
        #expect(throws: MultipartError(.invalidDelimiter, at: 3)) { try scanner.finish() }
    }

    @Test func randomBodiesInAnySplit() {
        var random = SeededGenerator(seed: 21)
        for round in 0..<1500 {
            var body: [UInt8] = random.once(in: 4) ? Array("pre\r\namble\r\n".utf8) : []
            var expected: [MultipartPart] = []
            for index in 0..<random.number(0...4) {
                let isFile = random.once(in: 2)
                let content = Self.content(&random)
                body += Array("--bound\r\ncontent-disposition: form-data; name=f\(index)".utf8)
                body += Array("\(isFile ? "; filename=x" : "")\r\n\r\n".utf8)
                expected.append(
                    MultipartPart(
                        name: "f\(index)", fileName: isFile ? "x" : nil, contentType: nil,
                        range: body.count..<body.count + content.count,
                        value: isFile || content.count > 30 ? nil : content))
                body += content + Array("\r\n".utf8)
            }
            body += Array(random.pick(["--bound--", "--bound--\r\n", "--bound--\r\nepi\r\n--logue"]).utf8)
            let firstFile = expected.first { $0.fileName != nil }.map { Array(body[$0.range].prefix(8)) } ?? []
            let splits = round % 30 == 0 ? everySplit(body) : [[body], random.pieces(body), random.pieces(body)]
            for pieces in splits {
                let outcome = Outcome(pieces, valueLimit: 30)
                #expect(outcome.error == nil && outcome.parts == expected, "round \(round)")
                #expect(outcome.fileHead == firstFile, "round \(round)")
            }
        }
    }

    /// Content that nearly holds delimiters.
    private static func content(_ random: inout SeededGenerator) -> [UInt8] {
        let pieces = [
            "\r\n--boun", "\r", "\n", "\r\n", "\r\n--", "--bound", "\r\r\n-", "\r\n--bounD", "x", "plain text", "\u{0}",
        ]
        var content: [UInt8] = []
        for _ in 0..<random.number(0...8) {
            let piece = Array(random.pick(pieces).utf8)
            // Two of them may make a true one.
            let line = Array("\r\n".utf8) + content + piece
            if ["\n--bound", "\r--bound"].contains(where: { line.holds(Array($0.utf8)) }) { continue }
            content += piece
        }
        return content
    }

    @Test func damagedBodiesAreReadTheSameInAnySplit() {
        var random = SeededGenerator(seed: 22)
        let body = Array(
            (Self.part("model", "m") + Self.part("file", "12\r\n--b34", "; filename=\"x\"") + Self.end).utf8)
        var refused = 0
        for round in 0..<3000 {
            let damaged = random.mutated(body, with: Array("\r\n-b:;=\"\\ x\u{0}".utf8))
            let outcome = Outcome([damaged])
            if outcome.error != nil { refused += 1 }
            let isSame = [random.pieces(damaged), damaged.map { [$0] }].allSatisfy { Outcome($0) == outcome }
            #expect(isSame, "round \(round)")
        }
        #expect(refused > 500)
        #expect(refused < 2900)
    }
}

extension [UInt8] {
    fileprivate func holds(_ other: [UInt8]) -> Bool {
        count >= other.count && (0...count - other.count).contains { Array(self[$0..<$0 + other.count]) == other }
    }
}
