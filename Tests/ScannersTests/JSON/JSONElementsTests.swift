import Foundation
import Scanners
import SeededRandom
import Testing

@Suite struct JSONElementsTests {
    private func elements(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return JSONElements.ranges(in: bytes, of: 0..<bytes.count).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    /// `text` as Foundation reads it.
    private func parsed(_ text: String) throws -> NSObject? {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? NSObject
    }

    @Test(arguments: [
        ("[]", []), ("[ ]", []), ("[1]", ["1"]), ("[ 1 , 2 ]", ["1", "2"]),
        ("[\n{\"a\":[1,2]},[3,4]]", ["{\"a\":[1,2]}", "[3,4]"]),
        ("[\"a,b\",\"]\"]", ["\"a,b\"", "\"]\""]), ("[\"\\\"\",\"\\\\\"]", ["\"\\\"\"", "\"\\\\\""]),
        ("[\"\"]", ["\"\""]),
    ])
    func elementsStandWithoutWhiteSpace(text: String, expected: [String]) {
        #expect(elements(text) == expected)
    }

    @Test func theArrayMayStandAnywhereInTheDocument() {
        let document = Array(#"{"x":[0],"data": [1, "a"]}"#.utf8)
        let ranges = JSONElements.ranges(in: document, of: 17..<25)
        #expect(ranges == [18..<19, 21..<24])
    }

    @Test func elementsAreFoundAsFoundationFindsThem() throws {
        var random = SeededGenerator(seed: 41)
        let values = [
            "1", " -2.5e3 ", "\"a,]\\\"\\\\\"", "[ ]", "[1,[2,3]]", "{ }", "{\"a\":[{\"b\":\"}\"}]}", "null", " true",
        ]
        for _ in 0..<1000 {
            let count = Int.random(in: 0...6, using: &random)
            let text =
                "[" + (0..<count).map { _ in random.pick(values) }.joined(separator: random.pick([",", " ,\n"])) + "]"
            let bytes = Array(text.utf8)
            let ranges = JSONElements.ranges(in: bytes, of: 0..<bytes.count)
            let elements = try #require(parsed(text) as? [NSObject])
            #expect(ranges.count == elements.count)
            for (range, element) in zip(ranges, elements) {
                #expect(try parsed(String(decoding: bytes[range], as: UTF8.self)) == element)
                #expect(bytes[range.lowerBound] > 0x20)
                #expect(bytes[range.upperBound - 1] > 0x20)
            }
        }
    }

    @Test func elementsOfEveryKindAreFound() {
        #expect(
            elements(#"[ "a,]" , [1, 2] ,{"b":"]"}, -3 ,null]"#) == [#""a,]""#, "[1, 2]", #"{"b":"]"}"#, "-3", "null"])
    }

    @Test(arguments: ["[]", "[ ]", "[\n\t]"])
    func anEmptyArrayHasNone(_ text: String) {
        #expect(elements(text).isEmpty)
    }

    @Test func escapedQuotesDoNotEndAString() {
        #expect(elements(#"["\"","\\","\\\",["]"#) == [#""\"""#, #""\\""#, #""\\\",[""#])
    }

    @Test func nestedElementsBelongToTheirParent() {
        #expect(elements(#"[[[1],[2]],{"a":[3,{"b":4}]}]"#) == ["[[1],[2]]", #"{"a":[3,{"b":4}]}"#])
    }

    @Test func aRangeIsInTheWholeText() {
        let bytes = Array(#"{"x":[1,22]}"#.utf8)
        #expect(JSONElements.ranges(in: bytes, of: 5..<11) == [6..<7, 8..<10])
    }
}
