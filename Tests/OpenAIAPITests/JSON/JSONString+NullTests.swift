import Bytes
import Testing

@testable import OpenAIAPI

@Suite struct JSONStringNullTests {
    @Test(
        arguments: [("a", #""a""#), ("", #""""#), ("é\n", #""\u00e9\n""#), ("null", #""null""#), (nil, "null")]
            as [(String?, String)])
    func textIsAStringAndNothingIsNull(text: String?, json: String) {
        var output = Array("x".utf8)
        JSONString.append(orNull: text, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "x" + json)
    }
}
