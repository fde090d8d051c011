import Foundation
import SeededRandom
import Testing

@testable import Bytes

@Suite struct JSONStringTests {
    private static let samples = [
        "a", "\"", "\\", "/", "\n", "\r", "\t", "\u{0}", "\u{1F}", "\u{7F}", "é", "关", "\u{FFFF}", "😀", "\u{2028}",
    ]

    private func parsed(_ bytes: [UInt8]) -> String? {
        try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) as? String
    }

    @Test func everyStringComesBack() throws {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<2000 {
            let text = (0..<random.number(0...12)).map { _ in random.pick(Self.samples) }.joined()
            var ascii: [UInt8] = []
            JSONString.append(text, to: &ascii)
            #expect(ascii.allSatisfy { (0x20..<0x7F).contains($0) })
            #expect(parsed(ascii) == text)
            var utf8: [UInt8] = []
            JSONString.appendUTF8(text, to: &utf8)
            #expect(utf8.allSatisfy { $0 >= 0x20 })
            #expect(parsed(utf8) == text)
        }
    }

    @Test func quotedTextMayStandInAHeader() {
        #expect(JSONString.quoted("ma02") == "\"ma02\"")
        #expect(JSONString.quoted("a\r\nb\"é\u{7F}") == #""a\r\nb\"\u00e9\u007f""#)
        #expect(JSONString.quoted("😀") == #""\ud83d\ude00""#)
    }
}

@Suite struct PercentCodingTests {
    private func strictlyDecoded(_ text: String) -> String? { PercentCoding.strictlyDecoded(Array(text.utf8).span) }

    private func decoded(
        _ text: String, plusIsSpace: Bool = false, where isMeant: (UInt8) -> Bool = { _ in true }
    ) -> String {
        String(
            decoding: PercentCoding.decoded(Array(text.utf8).span, plusIsSpace: plusIsSpace, where: isMeant),
            as: UTF8.self)
    }

    private func hasEscape(_ text: String) -> Bool { PercentCoding.hasEscape(Array(text.utf8).span) }

    @Test func everyTextComesBack() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<1000 {
            let text = (0..<random.number(0...12)).map { _ in random.pick(["a", "%", "/", "é", "😀", " ", "+", "~"]) }
                .joined()
            var encoded: [UInt8] = []
            PercentCoding.append(text, to: &encoded)
            #expect(encoded.allSatisfy { ASCIISet.unreserved.contains($0) || $0 == ASCII.percent })
            #expect(strictlyDecoded(String(decoding: encoded, as: UTF8.self)) == text)
            #expect(decoded(String(decoding: encoded, as: UTF8.self)) == text)
        }
    }

    @Test(arguments: ["%", "%4", "%zz", "a%4", "%%41", "%C3"]) func malformedTextIsNotDecodedStrictly(text: String) {
        #expect(strictlyDecoded(text) == nil)
    }

    @Test func malformedEscapesStayAsTheyAre() {
        #expect(decoded("%4%41%zz%") == "%4A%zz%")
    }

    @Test func plusIsASpaceInForms() {
        #expect(decoded("a+b%2B", plusIsSpace: true) == "a b+")
        #expect(decoded("a+b%2B") == "a+b+")
    }

    @Test func onlyMeantEscapesAreResolved() {
        #expect(decoded("%41%42") { $0 == 0x42 } == "%41B")
    }

    @Test func escapesAreSeen() {
        #expect(hasEscape("ab%2e"))
        #expect(!hasEscape("ab%2"))
    }
}

@Suite struct PrintableTests {
    @Test func charactersThatSpoilALineAreNotPrintable() {
        for scalar in "\u{0}\n\r\t\u{1B}\u{7F}\u{85}\u{9F}\u{2028}\u{202E}\u{2066}\u{2069}".unicodeScalars {
            #expect(!scalar.isPrintable)
        }
        for scalar in " aé关😀\u{A0}\u{2027}\u{2065}".unicodeScalars { #expect(scalar.isPrintable) }
    }
}
