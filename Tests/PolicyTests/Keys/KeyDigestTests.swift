import Policy
import SeededRandom
import Testing

@Suite struct KeyDigestTests {
    @Test func bytesAreTheWordsBigEndian() {
        let digest = KeyDigest(
            0x0001_0203_0405_0607, 0x0809_0A0B_0C0D_0E0F, 0x1011_1213_1415_1617, 0x1819_1A1B_1C1D_1E1F)
        #expect(digest.bytes == Array(0..<32))
        #expect(KeyDigest(bytes: Array(0..<32)) == digest)
    }

    @Test func bytesMakeTheRoundTrip() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<200 {
            let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(KeyDigest(bytes: bytes)?.bytes == bytes)
        }
    }

    @Test(arguments: [0, 1, 31, 33, 64]) func onlyThirtyTwoBytesAreADigest(count: Int) {
        #expect(KeyDigest(bytes: Array(repeating: 0, count: count)) == nil)
    }

    @Test func everyBitCounts() {
        let zero = Array(repeating: UInt8(0), count: 32)
        for bit in 0..<256 {
            var bytes = zero
            bytes[bit / 8] = 1 << UInt8(bit % 8)
            #expect(KeyDigest(bytes: bytes) != KeyDigest(bytes: zero))
        }
    }
}
