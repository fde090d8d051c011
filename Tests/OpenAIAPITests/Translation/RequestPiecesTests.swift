import OpenAIAPI
import SeededRandom
import Testing

@Suite struct RequestPiecesTests {
    private static let original = (0..<5000).map { UInt8(truncatingIfNeeded: $0 / 7) }

    @Test func largeRangesStayInTheOriginal() {
        var pieces = RequestPieces()
        pieces.append("ab")
        pieces.append(0..<100, of: Self.original)
        pieces.append(1000..<3000, of: Self.original)
        pieces.append(3000..<4000, of: Self.original)
        pieces.append([1, 2])
        #expect(pieces.pieces == [.generated(0..<102), .original(1000..<4000), .generated(102..<104)])
        #expect(pieces.count == 3104)
        let joined = Array("ab".utf8) + Self.original[0..<100] + Self.original[1000..<4000] + [1, 2]
        #expect(pieces.joined(with: Self.original) == joined)
    }

    @Test func nothingIsNoPiece() {
        var pieces = RequestPieces()
        pieces.append("")
        pieces.append([])
        pieces.append(7..<7, of: Self.original)
        #expect(pieces.pieces.isEmpty)
        #expect(pieces.joined(with: Self.original).isEmpty)
        #expect(pieces.edited(by: RequestEdits()) == pieces)
    }

    @Test func editsAreThoseOfTheWhole() {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<300 {
            var pieces = RequestPieces()
            for _ in 0..<random.number(1...6) {
                let start = random.number(0...4000)
                if random.once(in: 2) {
                    pieces.append(start..<start + random.number(0...900), of: Self.original)
                } else {
                    pieces.append([UInt8](repeating: 65, count: random.number(0...20)))
                }
            }
            let whole = pieces.joined(with: Self.original)
            var edits = RequestEdits()
            var expected = whole
            var bounds = (0..<6).map { _ in random.number(0...whole.count) }.sorted()
            var ranges: [Range<Int>] = []
            while bounds.count >= 2 {
                let range = bounds.removeFirst()..<bounds.removeFirst()
                if ranges.last?.upperBound != range.lowerBound { ranges.append(range) }
            }
            for range in ranges.reversed() {
                let bytes = [UInt8](repeating: 66, count: random.number(0...5))
                edits.replace(range, with: bytes)
                expected.replaceSubrange(range, with: bytes)
            }
            let edited = pieces.edited(by: edits)
            #expect(edited.joined(with: Self.original) == expected)
            #expect(edited.count == expected.count)
        }
    }
}
