import Testing

@testable import Scanners

@Suite struct PartialCharacterTests {
    /// The length of the character that begins `bytes`, read byte by byte; nil if a byte is refused.
    private func length(_ bytes: [UInt8]) -> Int? {
        var character = PartialCharacter()
        guard character.begin(bytes[0]) else { return nil }
        var count = 1
        while character.missingBytes > 0 {
            guard count < bytes.count, character.add(bytes[count]) else { return nil }
            count += 1
        }
        return count
    }

    @Test func everyScalarOfSeveralBytesIsRead() {
        for value in stride(from: UInt32(0x80), through: 0x10FFFF, by: 211) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(Character(scalar)).utf8)
            #expect(length(bytes) == bytes.count)
        }
    }

    @Test func theFirstByteSaysHowManyFollow() {
        var character = PartialCharacter()
        for byte in UInt8.min...UInt8.max {
            let expected = [2: 0xC2...0xDF, 3: 0xE0...0xEF, 4: 0xF0...0xF4].first { $0.value.contains(byte) }?.key
            let begins = character.begin(byte)
            #expect(begins == (expected != nil))
            if let expected { #expect(character.missingBytes == expected - 1) }
        }
    }

    @Test(
        arguments: [
            [0xC3, 0x28], [0xC3, 0xC3], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xE1, 0x80, 0x22],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
        ] as [[UInt8]]) func overlongFormsSurrogatesAndOtherBytesAreRefused(bytes: [UInt8])
    {
        #expect(length(bytes) == nil)
    }

    @Test func theRangeOfTheSecondByteHoldsForItAlone() {
        // After E0 the second byte is A0 to BF, the third 80 to BF.
        #expect(length([0xE0, 0xA0, 0x80]) == 3)
        #expect(length([0xF0, 0x90, 0x80, 0x80]) == 4)
        #expect(length([0xED, 0x9F, 0xBF]) == 3)
    }
}
