import Foundation
import Testing

@testable import Sandbox

@Suite struct JSONOutputTests {
    @Test(arguments: [
        (0, "0"), (7, "7"), (-7, "-7"), (1000, "1000"), (Int.max, "9223372036854775807"),
        (.min, "-9223372036854775808"),
    ])
    func integers(_ number: Int, _ text: String) {
        #expect(written { $0.integer(number) } == text)
    }

    @Test(arguments: [(0, "0.000"), (1, "0.001"), (999, "0.999"), (1000, "1.000"), (25_040, "25.040")])
    func thousandths(_ number: Int, _ text: String) {
        #expect(written { $0.thousandths(number) } == text)
    }

    @Test(
        arguments: [
            (0, "0.000000"), (1, "0.000001"), (-1, "-0.000001"), (1_000_000, "1.000000"), (-2_500_000, "-2.500000"),
            (Int.min, "-9223372036854.775808"),
        ])
    func millionths(_ number: Int, _ text: String) {
        #expect(written { $0.millionths(number) } == text)
    }

    @Test(arguments: ["", "plain", "\"\\/", "\u{0}\u{1}\u{1F}\n\r\t\u{8}", "é東😀", "\u{2028}"])
    func stringsAreReadBack(_ text: String) throws {
        let json = written { $0.string(text) }
        let value = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
        #expect(value as? String == text)
    }

    @Test func absentStringsAreNull() {
        #expect(written { $0.stringOrNull(nil) } == "null")
        #expect(written { $0.stringOrNull("a") } == #""a""#)
    }

    /// The examples of RFC 4648, section 10.
    @Test(
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(_ text: String, _ encoded: String) {
        #expect(written { $0.base64(Array(text.utf8)) } == "\"\(encoded)\"")
    }

    @Test func base64HasNoLineBreaks() {
        #expect(!written { $0.base64([UInt8](repeating: 7, count: 1000)) }.contains("\n"))
    }
}
