import SeededRandom
import Testing

@testable import Scanners

@Suite struct JSONStringLengthTests {
    @Test func anUnfinishedStringIsNeverNegative() {
        var length = JSONStringLength()
        length.addCharacter(continuations: 3)
        length.addEscape(written: 6, size: 1)
        #expect(length.decoded(written: 2) == (0, 0))
    }

    /// The model is the string itself, written with escapes at random.
    @Test(arguments: 0..<100) func theDecodedLengthIsThatOfTheString(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var length = JSONStringLength()
        var written = 0
        var model = ""
        for _ in 0..<random.number(0...60) {
            let scalar = random.pick(["a", "\n", "é", "关", "\u{1F600}"]).unicodeScalars.first!
            let size = UTF8.width(scalar)
            model.unicodeScalars.append(scalar)
            if random.once(in: 2) {
                let escape = scalar.value > 0xFFFF ? 12 : 6
                length.addEscape(written: escape, size: size)
                written += escape
            } else {
                if size > 1 { length.addCharacter(continuations: size - 1) }
                written += size
            }
        }
        #expect(length.decoded(written: written) == (model.unicodeScalars.count, model.utf8.count))
    }
}
