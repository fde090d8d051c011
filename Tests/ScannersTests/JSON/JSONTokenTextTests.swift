import SeededRandom
import Testing

@testable import Scanners

@Suite struct JSONTokenTextTests {
    @Test func aTokenInOnePieceIsUsedInPlace() {
        var text = JSONTokenText()
        let piece = Array("\"name\":".utf8)
        text.begin(at: 101, isWanted: true, limit: 10)
        guard case .piece(let range) = text.complete(piece.span, upTo: 5, base: 100) else {
            Issue.record("nothing needs a copy")
            return
        }
        #expect(range == 1..<5)
        #expect(text.gathered.isEmpty == true)
    }

    @Test func anUnwantedTextHasNoPlace() {
        var text = JSONTokenText()
        text.begin(at: 0, isWanted: false, limit: 10)
        let hasPlace = text.complete([1, 2, 3].span, upTo: 3, base: 0) != nil
        #expect(!hasPlace)
    }

    @Test func aTextBeyondTheLimitIsGivenUp() {
        var text = JSONTokenText()
        text.begin(at: 0, isWanted: true, limit: 3)
        text.gather([1, 2].span, upTo: 2, base: 0)
        #expect(text.isWanted == true)
        text.gather(0x20AC, size: 3)
        #expect(text.isWanted == false)
        #expect(text.gathered.isEmpty == true)
    }

    @Test func theNextTokenBeginsEmpty() {
        var text = JSONTokenText()
        text.begin(at: 0, isWanted: true, limit: 3)
        text.gather([1, 2].span, upTo: 2, base: 0)
        text.end()
        #expect(text.gathered.isEmpty == true)
        text.begin(at: 0, isWanted: true, limit: 3)
        guard case .piece = text.complete([7].span, upTo: 1, base: 0) else {
            Issue.record("the first token's bytes are still there")
            return
        }
    }

    /// A token of runs and escapes over many pieces. The model is the decoded string.
    @Test(arguments: 0..<100) func runsAndScalarsAreGatheredInTheirOrder(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var text = JSONTokenText()
        var model = ""
        var base = random.number(0...1000)
        text.begin(at: base, isWanted: true, limit: 10_000)
        for _ in 0..<random.number(1...20) {
            let run = (0..<random.number(0...5)).map { _ in random.pick(["a", "b", "é"]) }.joined()
            let scalar = random.pick(["\n", "é", "关", "\u{1F600}"]).unicodeScalars.first!
            let piece = Array(run.utf8) + [0x5C]
            text.gather(piece.span, upTo: piece.count - 1, base: base)
            text.gather(scalar.value, size: UTF8.width(scalar))
            base += piece.count
            text.beginRun(at: base)
            model += run + String(Character(scalar))
        }
        let last = Array("end\"".utf8)
        let isGathered: Bool
        if case .gathered = text.complete(last.span, upTo: 3, base: base) {
            isGathered = true
        } else {
            isGathered = false
        }
        #expect(isGathered)
        #expect(String(decoding: text.gathered, as: UTF8.self) == model + "end")
    }
}
