import OpenAIAPI
import SeededRandom
import Testing

@Suite struct RequestEditsTests {
    @Test func noEditsChangeNothing() {
        let edits = RequestEdits()
        #expect(edits.isEmpty)
        #expect(edited("abc", edits) == "abc")
        #expect(edited("", edits) == "")
    }

    @Test func placesAreThoseOfTheOriginal() {
        var edits = RequestEdits()
        edits.replace(4..<6, with: Array("XYZ".utf8))
        edits.replace(0..<0, with: Array("<".utf8))
        edits.replace(8..<8, with: Array(">".utf8))
        edits.replace(2..<3, with: [])
        #expect(!edits.isEmpty)
        #expect(edited("01234567", edits) == "<013XYZ67>")
    }

    @Test func insertionsAtOnePlaceKeepTheirOrder() {
        var edits = RequestEdits()
        for text in ["a", "b", "c"] { edits.replace(1..<1, with: Array(text.utf8)) }
        #expect(edited("[]", edits) == "[abc]")
    }

    @Test func randomEditsAreAsIfMadeOneByOneFromTheEnd() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let original = (0..<40).map { _ in UInt8.random(in: 97...122, using: &random) }
            var bounds = (0..<8).map { _ in Int.random(in: 0...40, using: &random) }.sorted()
            var changes: [(Range<Int>, [UInt8])] = []
            while bounds.count >= 2 {
                let range = bounds.removeFirst()..<bounds.removeFirst()
                if let last = changes.last, last.0.upperBound == range.lowerBound { continue }
                changes.append((range, Array(repeating: 65, count: Int.random(in: 0...5, using: &random))))
            }
            var expected = original
            for (range, bytes) in changes.reversed() { expected.replaceSubrange(range, with: bytes) }
            var edits = RequestEdits()
            for (range, bytes) in changes.shuffled(using: &random) { edits.replace(range, with: bytes) }
            #expect(
                edited(String(decoding: original, as: UTF8.self), edits) == String(decoding: expected, as: UTF8.self))
        }
    }
}
