import SeededRandom
import Testing

@testable import Scanners

@Suite struct JSONScannerPathsTests {
    private func match(_ path: String, in text: String, _ capture: JSONPath.Capture = .value) -> JSONMatch? {
        let outcome = JSONOutcome(text, [JSONPath(path, capture)])
        #expect(outcome.error == nil)
        return outcome.found[0]
    }

    @Test func pathsLeadWhereTheySay() {
        let text = """
            {"model":"m","usage":{"total_tokens":12},"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]}
            """
        #expect(match("model", in: text)?.text == "m")
        #expect(match("usage.total_tokens", in: text)?.integer == 12)
        #expect(match("choices[].delta.content", in: text)?.text == "b")
        #expect(match("choices", in: text, .count)?.elements == 2)
        #expect(match("choices[].delta", in: text, .count)?.elements == 2)
        #expect(match("", in: text, .count)?.elements == 3)
        for path in [
            "mode", "models", "usage.model", "choices.delta", "model[]", "usage[]", "delta", "[].model", "model.model",
        ] {
            #expect(match(path, in: text) == nil)
        }
    }

    @Test func aMatchHasItsPlace() throws {
        let text = "{ \"a\" : \"x\" , \"b\":[ ],\"c\":{}}"
        let bytes = Array(text.utf8)
        func cut(_ range: Range<Int>?) -> String? { range.map { String(decoding: bytes[$0], as: UTF8.self) } }
        let first = try #require(match("a", in: text))
        #expect(cut(first.range) == "\"x\"")
        #expect(first.memberStart == 2)
        #expect(cut(first.removal) == "\"a\" : \"x\" ,")
        let second = try #require(match("b", in: text))
        #expect(cut(second.range) == "[ ]")
        #expect(cut(second.removal) == ", \"b\":[ ]")
        #expect(second.contentIsEmpty)
        let only = try #require(match("a", in: "{\"a\":1 }"))
        #expect(only.removal == 1..<6)
        let element = try #require(match("[]", in: "[1]"))
        #expect(element.memberStart == nil)
        #expect(element.removal == nil)
    }

    @Test func twiceIsRefusedHoweverItIsSpelled() {
        for (text, name, offset) in [
            ("{\"model\":1,\"model\":2}", "model", 11), ("{\"model\":1,\"\\u006dodel\":2}", "model", 11),
            ("{\"\\u006Dodel\":{},\"x\":0, \"model\":2}", "model", 24),
            ("{\"model\":1,\"b\":{\"model\":1},\"model\":2}", "model", 27),
            ("{\"o\":{\"u\":1,\"u\":2}}", "u", 12), ("{\"o\":{},\"o\":1}", "o", 8),
            ("{\"l\":[{\"x\":1},{\"x\":1,\"x\":2}]}", "x", 21),
        ] {
            let paths = ["model", "o.u", "l[].x"].map { JSONPath($0, duplicates: .refuse) }
            for pieces in everySplit(Array(text.utf8)) {
                #expect(JSONOutcome(pieces, paths).error == JSONError(.duplicateMember(name: name), at: offset))
            }
        }
    }

    @Test func twiceElsewhereIsNotTwice() {
        let paths = ["model", "o.u", "l[].x"].map { JSONPath($0, duplicates: .refuse) }
        for text in [
            "{\"model\":1,\"b\":{\"model\":1}}", "{\"o\":{\"u\":1,\"x\":{\"u\":1}}}",
            "{\"l\":[{\"x\":1},{\"x\":1}]}", "{\"y\":1,\"y\":2}", "[{\"model\":1,\"model\":1}]", "{\"u\":1,\"u\":1}",
        ] {
            #expect(JSONOutcome(text, paths).error == nil, "\(text)")
        }
    }

    /// Go, among others, reads these as the name.
    @Test(arguments: [
        ("model", "Model"), ("model", "MODEL"), ("model", "mode\\u004c"), ("stream", "\u{17F}tream"),
        ("stream", "\\u017Ftream"), ("max_tokens", "max_to\u{212A}en\u{17F}"), ("max_tokens", "Max_Tokens"),
        ("o.user", "USER"),
    ])
    func otherSpellingsAreRefused(path: String, spelling: String) {
        let paths = [JSONPath(path, duplicates: .refuse), JSONPath("other", duplicates: .refuse)]
        let name = String(path.split(separator: ".").last!)
        let member = "\"\(spelling)\":1"
        for text in [member, "\"\(name)\":1,\(member)", "\(member),\"\(name)\":1"] {
            let document = path.contains(".") ? "{\"o\":{\(text)}}" : "{\(text)}"
            for pieces in everySplit(Array(document.utf8)) {
                #expect(JSONOutcome(pieces, paths).error?.kind == .misspelledMember(name: name), "\(document)")
            }
        }
        // Where the last one counts, and at other places, names are only compared.
        let lenient = JSONPath(path, duplicates: .last)
        #expect(JSONOutcome("{\(member)}", [lenient]).error == nil)
        #expect(JSONOutcome("{\"x\":{\(member)}}", paths).error == nil)
    }

    @Test func otherNamesAreNoSpellings() {
        let paths = ["model", "stream"].map { JSONPath($0, duplicates: .refuse) }
        for name in ["models", "mode", "m\u{F6}del", "Modem", "\u{17F}", "stre\u{17F}m", "model\\u0000", " model", ""] {
            #expect(JSONOutcome("{\"\(name)\":1}", paths).error == nil, "\(name)")
        }
    }

    @Test func theFirstOfTwoCountsAndIsFinal() {
        let paths = ["a", "o.u", "l[].x"].map { JSONPath($0, .textLength, duplicates: .first) }
        for (text, texts) in [
            (#"{"a":"1","a":"22"}"#, ["1", nil, nil]), (#"{"a":"1","\u0061":"22","b":{"a":"3"}}"#, ["1", nil, nil]),
            (#"{"o":{"u":"1","u":"22"}}"#, [nil, "1", nil]), (#"{"o":{},"o":{"u":"1"}}"#, [nil, nil, nil]),
            (#"{"o":[{"u":"1"}],"a":"2","o":{"u":"3"},"a":4}"#, ["2", nil, nil]),
            (#"{"l":[{"x":"1","x":"22"},{"x":"3","x":"44"}],"l":[{"x":"5"}]}"#, [nil, nil, "3"]),
        ] as [(String, [String?])] {
            for pieces in everySplit(Array(text.utf8)) {
                #expect(JSONOutcome(pieces, paths).found.map { $0?.text } == texts, "\(text)")
            }
        }
        #expect(JSONOutcome(#"{"l":[{"x":"1","x":"22"},{"x":"3"}]}"#, paths).found[2]?.utf8Bytes == 2)
    }

    @Test func theLastOfTwoCounts() {
        #expect(match("a", in: "{\"a\":1,\"a\":2}")?.integer == 2)
        #expect(match("a.b", in: "{\"a\":{\"b\":1},\"a\":{}}") == nil)
        #expect(match("a", in: "{\"a\":\"xyz\",\"a\":\"x\"}", .textLength)?.scalars == 1)
        #expect(match("a", in: "{\"a\":[1,2],\"a\":[1]}", .count)?.elements == 1)
        #expect(match("l[].a", in: "{\"l\":[{\"a\":\"x\",\"a\":\"y\"}]}", .textLength)?.scalars == 2)
    }

    @Test func textIsMeasuredAsDecoded() {
        let text =
            "{\"m\":[{\"c\":\"aé关\u{1F600}\"},{\"c\":[{\"t\":\"\\n\\u00e9\\u5173\\ud83d\\ude00\\ud83d\"}]}],"
            + "\"c\":\"no\"}"
        for pieces in everySplit(Array(text.utf8)) {
            let match = JSONOutcome(pieces, [JSONPath("m[].c", .textLength)]).found[0]
            #expect(match?.scalars == 9)
            #expect(match?.utf8Bytes == 10 + 13)
        }
    }

    @Test func anUnfinishedTextIsMeasuredSoFar() throws {
        var scanner = JSONScanner(
            JSONPathSet([JSONPath("m.c", .textLength), JSONPath("m", .textLength), JSONPath("k")]))
        func take(_ text: String) throws { try scanner.scan(Array(text.utf8).span) }
        func lengths() -> [Int] { (0..<3).map { scanner.textLength($0).scalars } }
        try take("{\"m\":{\"k")
        #expect(lengths() == [0, 0, 0])
        try take("ey\":\"12345\",\"c\":\"abé")
        #expect(lengths() == [3, 8, 0])
        #expect(scanner.textLength(0).utf8Bytes == 4)
        try take("\\n")
        #expect(lengths() == [4, 9, 0])
        try take("\"},\"k\":\"xx")
        #expect(lengths() == [4, 9, 0])
        #expect(scanner.found(0)?.scalars == 4)
    }

    @Test func textsAreKeptUpToTheLimit() {
        let outcome = JSONOutcome(
            "{\"a\":\"12345\",\"b\":\"123456\",\"c\":12345,\"d\":123456,\"e\":\"\\n\\n\\n\\n\\u00e9\"}",
            ["a", "b", "c", "d", "e"].map { JSONPath($0) },
            captureLimit: 5)
        #expect(outcome.found.map { $0?.text } == ["12345", nil, "12345", nil, nil])
    }

    @Test func asManyPathsAsBits() {
        let paths = (0..<63).map { JSONPath("m\($0)") }
        let members = (0..<63).map { "\"m\($0)\":\($0)" }.joined(separator: ",")
        let outcome = JSONOutcome("{\(members)}", paths)
        #expect(outcome.found.map { $0?.integer } == (0..<63).map { Int64($0) })
    }
}
