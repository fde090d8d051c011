import Testing

@testable import Sandbox

@Suite struct JSONElementsTests {
    private func elements(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return JSONElements.ranges(in: bytes, of: 0..<bytes.count).map { String(decoding: bytes[$0], as: UTF8.self) }
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
