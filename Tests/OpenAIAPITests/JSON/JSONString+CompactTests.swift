import Bytes
import Testing

@testable import OpenAIAPI

@Suite struct JSONStringCompactTests {
    private func compact(_ text: String) -> String {
        var output: [UInt8] = []
        JSONString.appendCompact(Array(text.utf8).span, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func onlyWhiteSpaceBetweenTokensGoes() {
        #expect(compact(" { \"a b\" :\t[ 1.50 , \"\\\" , \" ] ,\n\"c\" : {} } ") == #"{"a b":[1.50,"\" , "],"c":{}}"#)
        #expect(compact(#"{"a":"\\"  , "b" : 18446744073709551615}"#) == #"{"a":"\\","b":18446744073709551615}"#)
    }

    @Test func compactTextIsASCII() {
        #expect(compact("{\"é\" : \"😀\u{7F}\"}") == #"{"\u00e9":"\ud83d\ude00\u007f"}"#)
        #expect(compact("[ \"aé b\" , \"\\\"é\\\\\" ,\"\" ]") == #"["a\u00e9 b","\"\u00e9\\",""]"#)
    }
}
