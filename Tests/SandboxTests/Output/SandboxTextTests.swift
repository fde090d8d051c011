import SeededRandom
import Testing

@testable import Sandbox

@Suite struct SandboxTextTests {
    @Test func wordsHaveASpaceEach() {
        #expect(SandboxText.words(0..<4) == "the gateway stands before ")
        #expect(SandboxText.words(0..<0) == "")
    }

    @Test func wordsOfRangesJoin() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let offset = generator.number(0...2000)
            let end = generator.number(0...3000)
            let cut = generator.number(0...end)
            #expect(
                SandboxText.words(0..<cut, offset: offset) + SandboxText.words(cut..<end, offset: offset)
                    == SandboxText.words(0..<end, offset: offset))
        }
    }

    @Test(arguments: [1, 63, 64, 1000, 5000])
    func wordsAreAsManyAsRequested(_ count: Int) {
        #expect(SandboxText.words(0..<count).split(separator: " ").count == count)
    }

    @Test func anOffsetIsAWord() {
        #expect(SandboxText.words(0..<3, offset: 2) == SandboxText.words(2..<5))
    }

    @Test func fillerOfRangesJoins() {
        func filler(_ range: Range<Int>) -> [UInt8] {
            var bytes: [UInt8] = []
            SandboxText.appendFiller(range, to: &bytes)
            return bytes
        }
        let whole = filler(0..<10_000)
        #expect(whole.count == 10_000)
        #expect(filler(0..<4321) + filler(4321..<10_000) == whole)
        #expect(filler(7..<7).isEmpty)
        #expect(whole.allSatisfy { $0 < 0x80 && $0 > 0x20 })
    }

    @Test(arguments: [(0, 0), (1, 1), (4, 1), (5, 2), (400, 100)])
    func fourBytesAreAToken(_ bytes: Int, _ tokens: Int) {
        #expect(SandboxText.tokens(ofBytes: bytes) == tokens)
    }

    /// Published test vectors of FNV-1a, 64 bits.
    @Test(
        arguments: [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)]
            as [(String, UInt64)])
    func hashesAreFNV1a(_ text: String, _ hash: UInt64) {
        #expect(SandboxText.hash(Array(text.utf8)[...]) == hash)
    }

    @Test func hashesOfLongTextsDependOnBothEnds() {
        let text = [UInt8](repeating: 1, count: 5000)
        for index in [0, 511, 4999] {
            var changed = text
            changed[index] = 2
            #expect(SandboxText.hash(changed[...]) != SandboxText.hash(text[...]))
        }
    }
}
