import Testing

@testable import Bytes

@Suite struct PrintableTests {
    @Test func charactersThatSpoilALineAreNotPrintable() {
        for scalar in "\u{0}\n\r\t\u{1B}\u{7F}\u{85}\u{9F}\u{2028}\u{202E}\u{2066}\u{2069}".unicodeScalars {
            #expect(!scalar.isPrintable)
        }
        for scalar in " aé关😀\u{A0}\u{2027}\u{2065}".unicodeScalars { #expect(scalar.isPrintable) }
    }
}
