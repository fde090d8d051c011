import Foundation
import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct JSONTextTests {
    private func compact(_ text: String) -> String {
        var output: [UInt8] = []
        JSONText.appendCompact(Array(text.utf8), to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func everyStringComesBack() throws {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                random.pick([
                    "a", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "é", "关", "\u{FFFF}", "😀", "\u{2028}",
                ])
            }.joined()
            var output: [UInt8] = []
            JSONText.append(text, to: &output)
            #expect(output.allSatisfy { (0x20..<0x7F).contains($0) })
            #expect(parsed(String(decoding: output, as: UTF8.self)) as? String == text)
        }
    }

    @Test func onlyWhiteSpaceBetweenTokensGoes() {
        #expect(compact(" { \"a b\" :\t[ 1.50 , \"\\\" , \" ] ,\n\"c\" : {} } ") == #"{"a b":[1.50,"\" , "],"c":{}}"#)
        #expect(compact(#"{"a":"\\"  , "b" : 18446744073709551615}"#) == #"{"a":"\\","b":18446744073709551615}"#)
    }

    @Test func compactTextIsASCII() {
        #expect(compact("{\"é\" : \"😀\u{7F}\"}") == #"{"\u00e9":"\ud83d\ude00\u007f"}"#)
    }
}
