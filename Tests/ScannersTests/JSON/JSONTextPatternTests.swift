import SeededRandom
import Testing

@testable import Scanners

@Suite struct JSONTextPatternTests {
    private static let document = #"{"a":1,"text":"Hello","b":[2]}"#

    private func pattern(_ document: String = document, _ text: String = "Hello") -> JSONTextPattern {
        var pattern = JSONTextPattern()
        let start = document.utf8.count - document.split(separator: text, maxSplits: 1)[1].utf8.count - text.utf8.count
        let isRemembered = pattern.remember(Array(document.utf8).span, text: start..<start + text.utf8.count)
        #expect(isRemembered != text.contains(#"\"#))
        return pattern
    }

    private func text(_ pattern: JSONTextPattern, _ document: String) -> JSONTextPattern.Text? {
        pattern.text(in: Array(document.utf8).span)
    }

    @Test(arguments: ["", "x", "Hello", "a longer one, of more bytes than the first", "é", "日本", "😀 ok", "{}[],:1"])
    func anotherTextFits(_ other: String) throws {
        let found = try #require(text(pattern(), #"{"a":1,"text":"\#(other)","b":[2]}"#))
        #expect(found.range == 15..<15 + other.utf8.count)
        #expect(found.scalars == other.unicodeScalars.count)
        #expect(found.utf8Bytes == other.utf8.count)
    }

    @Test(arguments: [
        "", "{", #"{"a":1,"text":""#, #"{"a":1,"text":"Hello","b":[3]}"#, #"{"a":2,"text":"Hello","b":[2]}"#,
        #"{"a":1,"text":"Hello","b":[2]} "#, #"{"a":1,"text":"He","c":"llo","b":[2]}"#, #"{"a":1,"text":"\n","b":[2]}"#,
        #"{"a":1,"text":"\","b":[2]}"#, "{\"a\":1,\"text\":\"\n\",\"b\":[2]}", #"{"a":1,"text":null,"b":[2]}"#,
    ])
    func otherDocumentsDoNotFit(_ other: String) {
        #expect(text(pattern(), other) == nil)
    }

    @Test func nothingFitsAnEmptyPattern() {
        #expect(text(JSONTextPattern(), "") == nil)
        #expect(text(JSONTextPattern(), "{}") == nil)
    }

    @Test func invalidBytesDoNotFit() {
        for bytes in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x80]] as [[UInt8]] {
            let other = Array(#"{"a":1,"text":""#.utf8) + bytes + Array(#"","b":[2]}"#.utf8)
            #expect(pattern().text(in: other.span) == nil)
        }
    }

    @Test func aTextWithEscapesIsNotRemembered() {
        #expect(text(pattern(#"{"text":"\n"}"#, #"\n"#), #"{"text":"x"}"#) == nil)
    }

    @Test func placesBehindTheTextMoveWithIt() throws {
        let found = try #require(text(pattern(), #"{"a":1,"text":"Hi","b":[2]}"#))
        #expect(pattern().position(of: 1..<6, beside: found) == 1..<6)
        #expect(pattern().position(of: 21..<29, beside: found) == 18..<26)
    }

    /// What fits means the same to the scanner, and what the scanner refuses does not fit.
    @Test func whatFitsIsWhatTheScannerFinds() {
        var generator = SeededGenerator(seed: 4)
        let pattern = pattern()
        var fitting = 0
        for _ in 0..<20_000 {
            var bytes = Array(Self.document.utf8)
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = .random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(Array("\\\"{},é".utf8).randomElement(using: &generator)!, at: index)
                }
            }
            guard let found = pattern.text(in: bytes.span) else { continue }
            fitting += 1
            var scanner = JSONScanner(JSONPathSet([JSONPath("text", .textLength), JSONPath("b", .count)]))
            #expect(throws: Never.self) {
                try scanner.scan(bytes.span)
                try scanner.finish()
            }
            let value = scanner.found(0)
            #expect(value?.range == found.range.lowerBound - 1..<found.range.upperBound + 1)
            #expect(value?.scalars == found.scalars)
            #expect(value?.utf8Bytes == found.utf8Bytes)
            #expect(scanner.found(1)?.elements == 1)
        }
        #expect(fitting > 5000)
    }
}
