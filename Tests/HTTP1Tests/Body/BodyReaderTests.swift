import SeededRandom
import Testing

@testable import HTTP1

/// Reads a body from `pieces`: its data, what follows it, and whether it ended.
struct BodyResult: Equatable {
    var data: [UInt8] = []
    var rest: [UInt8] = []
    var isComplete = false
    var error: HTTP1Error?

    init(_ framing: BodyFraming, _ pieces: [[UInt8]], trailerLimit: Int = 8192, closing: Bool = false) {
        var reader = BodyReader(framing, trailerLimit: trailerLimit)
        do throws(HTTP1Error) {
            for piece in pieces { try take(piece, &reader) }
            if closing { try reader.endOfStream() }
        } catch {
            self.error = error
        }
        isComplete = reader.isComplete && error == nil
    }

    init(_ framing: BodyFraming, _ text: String, trailerLimit: Int = 8192, closing: Bool = false) {
        self.init(framing, [Array(text.utf8)], trailerLimit: trailerLimit, closing: closing)
    }

    private mutating func take(_ piece: [UInt8], _ reader: inout BodyReader) throws(HTTP1Error) {
        var position = 0
        while true {
            let before = position
            switch try reader.next(piece.span, &position) {
            case .needsMore:
                precondition(position == piece.count && !reader.isComplete)
                return
            case .data(let range):
                precondition(!range.isEmpty && range.lowerBound >= before && range.upperBound == position)
                data += piece[range]
            case .end:
                precondition(reader.isComplete)
                rest += piece[position...]
                return
            }
        }
    }

    var text: String { String(decoding: data, as: UTF8.self) }
}

@Suite struct BodyReaderTests {
    @Test func noBodyIsCompleteAtOnce() {
        for framing in [BodyFraming.none, .length(0)] {
            let result = BodyResult(framing, "next", closing: true)
            #expect(result.isComplete)
            #expect(result.data.isEmpty)
            #expect(result.error == nil)
            #expect(result.rest == Array("next".utf8))
            let isComplete = BodyReader(framing).isComplete
            #expect(isComplete)
        }
    }

    @Test func lengthFromEverySplit() {
        for pieces in everySplit(Array("hello worldnext".utf8)) {
            let result = BodyResult(.length(11), pieces, closing: true)
            #expect(result.text == "hello world")
            #expect(result.isComplete)
            #expect(result.rest == Array("next".utf8))
        }
    }

    @Test func aLengthIsCompleteWithItsLastByte() throws {
        var reader = BodyReader(.length(2))
        let bytes = Array("ab".utf8)
        var position = 0
        #expect(try reader.next(bytes.span, &position) == .data(0..<2))
        let isComplete = reader.isComplete
        #expect(isComplete)
        #expect(try reader.next(bytes.span, &position) == .end)
        #expect(position == 2)
    }

    @Test func untilCloseTakesAll() {
        for pieces in everySplit(Array("hello".utf8)) {
            let open = BodyResult(.untilClose, pieces)
            #expect(open.text == "hello")
            #expect(!open.isComplete)
            #expect(BodyResult(.untilClose, pieces, closing: true).isComplete)
        }
    }

    @Test func truncationIsAnError() {
        #expect(BodyResult(.length(6), "hello", closing: true).error == .unexpectedEnd)
        #expect(BodyResult(.length(1), "", closing: true).error == .unexpectedEnd)
        let chunked = Array("3\r\nabc\r\n0\r\nx: y\r\n\r\n".utf8)
        for end in 0..<chunked.count {
            let result = BodyResult(.chunked, [Array(chunked[..<end])], closing: true)
            #expect(result.error == .unexpectedEnd)
            #expect(!result.isComplete)
        }
    }

    @Test func hugeLengthsAreCounted() throws {
        var reader = BodyReader(.length(UInt64(Int64.max)))
        let bytes = [UInt8](repeating: 1, count: 1000)
        var position = 10
        #expect(try reader.next(bytes.span, &position) == .data(10..<1000))
        #expect(try reader.next(bytes.span, &position) == .needsMore)
        let isComplete = reader.isComplete
        #expect(!isComplete)
    }
}
