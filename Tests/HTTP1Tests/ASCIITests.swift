import Testing

@testable import HTTP1

@Suite struct ASCIITests {
    @Test func setsHoldWhatTheirGrammarsSay() {
        let alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        let token = Set((alphanumeric + "!#$%&'*+-.^_`|~").utf8)
        let registeredName = Set((alphanumeric + "-._~!$&'()*+;=").utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(ASCIISet.token.contains(byte) == token.contains(byte))
            #expect(ASCIISet.registeredName.contains(byte) == registeredName.contains(byte))
            let isTarget = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "\\")
            #expect(ASCIISet.target.contains(byte) == isTarget)
        }
    }

    @Test func lowercasingAndDigits() {
        for byte in UInt8.min...UInt8.max {
            let scalar = Character(Unicode.Scalar(byte))
            let isUpper = (0x41...0x5A).contains(byte)
            #expect(ASCII.lowercased(byte) == (isUpper ? byte + 32 : byte))
            #expect(ASCII.hexadecimalValue(byte).map(Int.init) == (byte < 128 ? scalar.hexDigitValue : nil))
            #expect(ASCII.isControl(byte) == (byte < 32 || byte == 127))
        }
    }
}
