import Bytes
import Testing

@testable import HTTP1

@Suite struct ASCIISetHTTPTests {
    @Test func setsHoldWhatTheirGrammarsSay() {
        let alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        let registeredName = Set((alphanumeric + "-._~!$&'()*+;=").utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(ASCIISet.registeredName.contains(byte) == registeredName.contains(byte))
            let isTarget = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "\\")
            #expect(ASCIISet.target.contains(byte) == isTarget)
        }
    }
}
