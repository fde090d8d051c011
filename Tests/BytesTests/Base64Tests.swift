import Foundation
import SeededRandom
import Testing

@testable import Bytes

@Suite struct Base64Tests {
    /// The examples of RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ]) func theStandardsExamples(text: String, encoding: String) {
        #expect(Base64.encoded(Array(text.utf8)) == Array(encoding.utf8))
        #expect(Base64.decoded(encoding.utf8) == Array(text.utf8))
    }

    @Test func anyBytesAreEncodedAsFoundationDoes() {
        var random = SeededGenerator(seed: 64)
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8(random.number(0...255)) }
            #expect(String(decoding: Base64.encoded(bytes), as: UTF8.self) == Data(bytes).base64EncodedString())
            #expect(Base64.decoded(Base64.encoded(bytes)) == bytes)
        }
    }

    @Test(arguments: ["A", "AA", "AAA", "AAAAA", "A===", "====", "AA=A", "=AAA", "AAA-", "AAA ", "AA\n=", "Zg==Zg=="])
    func otherTextIsNotDecoded(text: String) {
        #expect(Base64.decoded(text.utf8) == nil)
    }
}
