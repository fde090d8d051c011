import Foundation
import Testing

@testable import propylon

@Suite struct JSONTextTests {
    @Test func keepsTheOrderOfMembers() {
        let value = JSONText.object([
            ("b", .integer(.max)), ("a", .array([.null, .number("0.25"), .array([]), .object([])])),
            ("c", .optional(nil)),
        ])
        #expect(
            value.text == """
                {
                  "b": 9223372036854775807,
                  "a": [
                    null,
                    0.25,
                    [],
                    {}
                  ],
                  "c": null
                }
                """)
    }

    @Test func everyStringIsReadBackAsItWas() throws {
        let scalars = (0...0x2FF).compactMap(Unicode.Scalar.init) + ["\u{2028}", "\u{FFFF}", "🦉"]
        for scalar in scalars {
            let string = "a\(Character(scalar))b"
            let text = JSONText.array([.string(string)]).text
            #expect(try JSONDecoder().decode([String].self, from: Data(text.utf8)) == [string])
            #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
        }
    }
}
