import Testing

@testable import Bytes

@Suite struct HexadecimalTests {
    @Test func hexadecimalDigitsComeBack() {
        for value in UInt8(0)..<16 {
            #expect(Hexadecimal.value(of: Hexadecimal.digit(value)) == value)
            #expect(Hexadecimal.value(of: Hexadecimal.upperDigit(value)) == value)
            #expect(ASCII.lowercased(Hexadecimal.upperDigit(value)) == Hexadecimal.digit(value))
        }
        #expect(Hexadecimal.text([0, 0x5A, 0xFF]) == "005aff")
    }

    @Test func onlyDigitsHaveAValue() {
        for byte in UInt8.min...UInt8.max {
            let character = Character(Unicode.Scalar(byte))
            #expect(Hexadecimal.value(of: byte).map(Int.init) == (byte < 128 ? character.hexDigitValue : nil))
        }
    }

    @Test func textIsWhatSwiftWrites() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Hexadecimal.text(bytes) == bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        #expect(Hexadecimal.text([UInt8]()) == "")
    }
}
