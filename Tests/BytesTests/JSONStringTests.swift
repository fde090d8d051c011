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
