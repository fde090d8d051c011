import SeededRandom
import Testing

@testable import Scanners

@Suite struct JSONScannerTests {
    @Test(arguments: [
        "{}", "[]", " {} \n", "0", "-0", "-0.0e+00", "1E5", "\"\"", "true", "false", "null", "[1,2]", "[[],{}]",
        "{\"a\":{\"b\":[]},\"a\":1}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"",
        "\"\\ude00\\ud83dx\"", "\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"",
        "\"\\ud83d\\n\\ud83d\\ud83d\\ude00\"",
    ])
    func validDocuments(text: String) {
        for pieces in everySplit(Array(text.utf8)) { #expect(JSONOutcome(pieces).error == nil) }
        #expect(JSONModel.parse(Array(text.utf8)) != nil)
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("{", .unexpectedEnd, 1), ("\"a", .unexpectedEnd, 2),
            ("-", .unexpectedEnd, 1), ("1.", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3), ("tru", .unexpectedEnd, 3),
            ("{\"a\"", .unexpectedEnd, 4), ("[1,", .unexpectedEnd, 3), ("\"\\", .unexpectedEnd, 2),
            ("01", .invalidNumber, 1), ("-x", .invalidNumber, 1), ("[1.]", .invalidNumber, 3),
            ("[1e]", .invalidNumber, 3),
            ("[-01]", .invalidNumber, 3), ("+1", .syntax, 0), (".5", .syntax, 0), ("NaN", .nonFiniteNumber, 0),
            ("[-Infinity]", .nonFiniteNumber, 1), ("[1,Infinity", .nonFiniteNumber, 3), ("Nan", .syntax, 2),
            ("-Inf", .unexpectedEnd, 4), ("-NaN", .invalidNumber, 1), ("1Infinity", .trailingBytes, 1),
            ("trux", .syntax, 3), ("nulL", .syntax, 3), ("[1 2]", .syntax, 3), ("[1,]", .syntax, 3),
            ("[,]", .syntax, 1),
            ("{\"a\":1,}", .syntax, 7), ("{a:1}", .syntax, 1), ("{\"a\" 1}", .syntax, 5), ("{\"a\":}", .syntax, 5),
            ("{]", .syntax, 1), ("[}", .syntax, 1), ("]", .syntax, 0), ("[1}", .syntax, 2),
            ("\u{FEFF}", .unexpectedEnd, 3),
            ("\u{FEFF}\u{FEFF}{}", .syntax, 3), (" \u{FEFF}{}", .syntax, 1), ("{\u{FEFF}}", .syntax, 1),
            ("\u{FEFE}", .syntax, 2),
            ("[1]//", .trailingBytes, 3), ("{}{}", .trailingBytes, 2), ("1 2", .trailingBytes, 2),
            ("{}\u{0}", .trailingBytes, 2),
            ("\"\\x\"", .invalidEscape, 2), ("\"\\u12g4\"", .invalidEscape, 5), ("\"\\ud83d\\x\"", .invalidEscape, 8),
            ("\"\\U0041\"", .invalidEscape, 2), ("\"a\nb\"", .controlCharacter, 2), ("\"\u{0}\"", .controlCharacter, 1),
            ("'a'", .syntax, 0), ("truetrue", .trailingBytes, 4), ("[truefalse]", .syntax, 5),
            ("1x", .trailingBytes, 1),
        ] as [(String, JSONError.Kind, Int)])
    func invalidDocuments(text: String, kind: JSONError.Kind, offset: Int) {
        for pieces in everySplit(Array(text.utf8)) {
            #expect(JSONOutcome(pieces).error == JSONError(kind, at: offset))
        }
        #expect(JSONModel.parse(Array(text.utf8)) == nil)
    }

    @Test(
        arguments: [
            ([0x80], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xC3, 0x28], 1), ([0xE0, 0x9F, 0xBF], 1),
            ([0xED, 0xA0, 0x80], 1), ([0xE1, 0x80, 0x22], 2), ([0xF0, 0x8F, 0xBF, 0xBF], 1),
            ([0xF4, 0x90, 0x80, 0x80], 1),
            ([0xF5, 0x80, 0x80, 0x80], 0), ([0xFF], 0), ([0xE2, 0x82], 2),
        ] as [([UInt8], Int)])
    func whatIsNoUTF8(bytes: [UInt8], offset: Int) {
        let document = Array("\"abcdefgh".utf8) + bytes + Array("\"".utf8)
        for pieces in everySplit(document) {
            #expect(JSONOutcome(pieces).error == JSONError(.invalidUTF8, at: 9 + offset))
        }
    }

    /// RFC 8259, section 8.1. Offsets count the mark.
    @Test func aByteOrderMarkIsSkipped() {
        let document = "\u{FEFF} {\"a\":1}"
        for pieces in everySplit(Array(document.utf8)) {
            let outcome = JSONOutcome(pieces, [JSONPath("a")])
            #expect(outcome.error == nil)
            #expect(outcome.topLevel == .object)
            #expect(outcome.contentStart == 5)
            #expect(outcome.found[0]?.range == 9..<10)
        }
        for text in ["1", "\"a\"", "[]", "null"] { #expect(JSONOutcome("\u{FEFF}" + text).error == nil) }
    }

    @Test func nonFiniteNumbersAreReadWhereTheyAreAccepted() {
        let text = "{\"a\":[NaN,-Infinity , Infinity,-1],\"b\":NaN,\"c\":-Infinity,\"d\":7,\"e\":\"x\"}"
        let paths = JSONPathSet(["a", "b", "c", "d", "e"].map { JSONPath($0, .count) })
        for pieces in everySplit(Array(text.utf8)) {
            var scanner = JSONScanner(paths, acceptsNonFinite: true)
            let outcome = JSONOutcome(pieces, &scanner)
            #expect(outcome.error == nil)
            #expect(outcome.found[0]?.elements == 4)
            #expect(outcome.found[1].map { text.dropFirst($0.range.lowerBound).prefix($0.range.count) } == "NaN")
            #expect(outcome.found[2].map { text.dropFirst($0.range.lowerBound).prefix($0.range.count) } == "-Infinity")
            for index in 1...2 {
                #expect(outcome.found[index]?.kind == .number)
                #expect(outcome.found[index]?.text == nil)
                #expect(outcome.found[index]?.integer == nil)
            }
            #expect(outcome.found[3]?.integer == 7)
            #expect(outcome.found[4]?.text == "x")
        }
        for (text, kind) in [("-NaN", JSONError.Kind.invalidNumber), ("Infinite", .syntax), ("-Infinitz", .syntax)] {
            var scanner = JSONScanner(paths, acceptsNonFinite: true)
            #expect(JSONOutcome([Array(text.utf8)], &scanner).error?.kind == kind)
        }
    }

    @Test func theDepthIsLimited() {
        for limit in [1, 2, 63, 64, 65, 256] {
            let open = [UInt8](repeating: UInt8(ascii: "["), count: limit)
            let close = [UInt8](repeating: UInt8(ascii: "]"), count: limit)
            #expect(JSONOutcome([open + close], depthLimit: limit).error == nil)
            #expect(
                JSONOutcome([[0x5B] + open + close + [0x5D]], depthLimit: limit).error == JSONError(.tooDeep, at: limit)
            )
        }
        // Both kinds of containers, each closed as what it is.
        let text = String(repeating: "[{\"a\":", count: 100) + "1" + String(repeating: "}]", count: 100)
        #expect(JSONOutcome(text).error == nil)
        #expect(JSONOutcome(text.dropLast(2) + "]]").error?.kind == .syntax)
    }

    @Test func whatTheDocumentIs() {
        #expect(JSONOutcome(" {} ").contentStart == 2)
        #expect(JSONOutcome("{ }").topLevelIsEmpty)
        #expect(JSONOutcome("[\n]").topLevelIsEmpty)
        #expect(!JSONOutcome("{\"a\":{}}").topLevelIsEmpty)
        #expect(!JSONOutcome("[[]]").topLevelIsEmpty)
        #expect(JSONOutcome("[1]").topLevel == .array)
        #expect(JSONOutcome("{}").topLevel == .object)
        #expect(JSONOutcome("1").topLevel == .number)
        #expect(JSONOutcome("1").contentStart == nil)
        #expect(JSONOutcome("\"\"").topLevel == .string)
        #expect(JSONOutcome("null").topLevel == .null)
        #expect(JSONOutcome(" ").topLevel == nil)
    }

    @Test func matchesAreThereAsSoonAsTheyAreComplete() throws {
        var scanner = JSONScanner(JSONPathSet([JSONPath("id"), JSONPath("backend"), JSONPath("n")]))
        func take(_ text: String) throws { try scanner.scan(Array(text.utf8).span) }
        try take("{\"id\":\"x")
        let hasFirst = scanner.has(0)
        #expect(!hasFirst)
        try take("y\",\"backend\":{\"a\":1}")
        let (first, second) = (scanner.found(0), scanner.found(1))
        #expect(first?.text == "xy")
        #expect(second?.kind == .object)
        #expect(second?.range == 21..<28)
        try take(",\"n\":4")
        #expect(scanner.integer(2) == nil)
        try take("2}")
        #expect(scanner.integer(2) == 42)
        #expect(scanner.integer(0) == nil)
        #expect(scanner.kind(0) == .string)
        try scanner.finish()
    }

    @Test func aScannerCanBeUsedAgainAfterAnything() {
        let paths = [JSONPath("a", .textLength), JSONPath("a.b", duplicates: .refuse), JSONPath("[]", .count)]
        var scanner = JSONScanner(JSONPathSet(paths))
        let documents = [
            "{\"a\":\"x\"", "[[1],[2,3]]", "{\"a\":{\"b\":1,\"b\":2}}", "{\"\\u0061\":\"é\\n\"", "\"\\ud83d",
            "{\"a\":{\"b\":1}}", "12",
            "[{}", "{\"a\":\"\u{1F600}", "1e", "tr", "{\"a\\",
        ].map { Array($0.utf8) }
        for before in documents {
            for document in documents {
                _ = JSONOutcome([before], &scanner)
                #expect(JSONOutcome([document], &scanner) == JSONOutcome([document], paths))
            }
        }
    }

    @Test func anErrorStaysUntilReset() {
        var scanner = JSONScanner(JSONPathSet([]))
        let bad = Array("[1,,".utf8)
        let good = Array("[]".utf8)
        let error = JSONError(.syntax, at: 3)
        #expect(throws: error) { try scanner.scan(bad.span) }
        #expect(throws: error) { try scanner.scan(good.span) }
        #expect(throws: error) { try scanner.finish() }
        scanner.reset()
        #expect(throws: Never.self) {
            try scanner.scan(good.span)
            try scanner.finish()
        }
    }

    @Test func gatheredAndCapturedTextsAreBounded() throws {
        var scanner = JSONScanner(JSONPathSet([JSONPath("[]"), JSONPath("[].k")], captureLimit: 100))
        try scanner.scan(Array("[".utf8).span)
        for round in 0..<2000 {
            let text = String(repeating: "\\n", count: round % 150)
            try scanner.scan(Array("\"\(text)".utf8).span)
            try scanner.scan(Array("\",{\"\(text)".utf8).span)
            try scanner.scan(Array("\":0,\"k\":\"\(text)\"},".utf8).span)
        }
        // Each path keeps a room of 100 bytes at most, and has abandoned rooms of 99, 49, 24, 12, 6, 3 and 1 byte at most.
        #expect(scanner.matches.texts.count <= 2 * (100 + 194))
        #expect(scanner.text.gathered.count <= 100)
    }
}
