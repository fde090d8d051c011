import Testing

@testable import Scanners

@Suite struct JSONMatchTests {
    private func match(_ value: String) -> JSONMatch? {
        JSONOutcome("{\"v\":\(value)}", [JSONPath("v")]).found[0]
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("0e99999999999999999999", 0), ("42", 42), ("42.0", 42), ("4.2e1", 42),
            ("420e-1", 42), ("4200000E-5", 42), ("0.00042e5", 42), ("-42", -42), ("1e18", 1_000_000_000_000_000_000),
            ("9007199254740993", 9_007_199_254_740_993), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("92233720368547758070e-1", .max), ("100", 100), ("1000.000", 1000), ("10.50e1", 105),
        ] as [(String, Int64)])
    func integers(literal: String, value: Int64) {
        #expect(match(literal)?.integer == value)
    }

    @Test(arguments: [
        "0.5", "42.1", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e999999999999999999999",
        "1e-999999999999999999999", "123456789012345678901", "4.25e1", "\"42\"", "null", "true", "[]",
    ])
    func whatIsNoInteger(literal: String) {
        #expect(match(literal)?.kind != nil)
        #expect(match(literal)?.integer == nil)
    }

    @Test func truthValues() {
        #expect(match("true")?.bool == true)
        #expect(match("false")?.bool == false)
        #expect(match("null")?.bool == nil)
        #expect(match("\"true\"")?.bool == nil)
        #expect(match("1")?.bool == nil)
    }

    @Test func textsAreDecoded() {
        #expect(
            match("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00é\"")?.text
                == "a\"\\/\u{8}\u{C}\n\r\té\u{1F600}é")
        #expect(
            match("\"\\ud83d-\\ude00\\ud83d\\ud83d\\ude00\\ud83d\"")?.text
                == "\u{FFFD}-\u{FFFD}\u{FFFD}\u{1F600}\u{FFFD}")
        #expect(match("-1.50E+2")?.text == "-1.50E+2")
        #expect(match("true")?.text == nil)
        #expect(match("{}")?.text == nil)
    }
}
