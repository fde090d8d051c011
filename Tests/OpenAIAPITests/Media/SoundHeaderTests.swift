import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct SoundHeaderTests {
    @Test func bytesBeyondTheEndAreZero() {
        let header = header([1, 2])
        #expect(header[0] == 1)
        #expect(header[2] == 0)
        #expect(header[-1] == 0)
        #expect(header[.max] == 0)
    }

    @Test func numbersAreReadInBothOrders() {
        let header = header([1, 2, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
        #expect(header.bigEndian(at: 0, 3) == 0x01_0203)
        #expect(header.littleEndian(at: 0, 3) == 0x03_0201)
        #expect(header.bigEndian(at: 3, 8) == .max)
        #expect(header.littleEndian(at: 3, 8) == .max)
    }

    @Test func numbersBeyondTheEndHaveZeros() {
        #expect(header([1]).bigEndian(at: 0, 4) == 0x0100_0000)
        #expect(header([1]).littleEndian(at: 0, 4) == 1)
        #expect(header([]).bigEndian(at: 5, 8) == 0)
    }

    @Test func namesAreComparedWithinTheHeader() {
        #expect(header("xfmt ").has("fmt ", at: 1))
        #expect(!header("xfmt ").has("fmt ", at: 0))
        #expect(!header("xfmt").has("fmt ", at: 1))
        #expect(!header("").has("fmt ", at: 40))
    }

    @Test func piecesAreAppendedAndTheFirstByteGoes() {
        var header = header([1, 2])
        header.append(1..<3, of: [7, 8, 9].span)
        header.shift()
        #expect(header.bytes == [2, 8, 9])
        header.removeAll()
        #expect(header.count == 0)
        header.shift()
        #expect(header.count == 0)
    }
}
