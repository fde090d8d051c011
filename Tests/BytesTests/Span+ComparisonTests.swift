import SeededRandom
import Testing

@testable import Bytes

@Suite struct SpanComparisonTests {
    private let bytes = Array("Content-Type: text".utf8)

    @Test func literalsAreCompared() {
        #expect(bytes.span.hasPrefix("Content") == true)
        #expect(bytes.span.hasPrefix("content") == false)
        #expect(bytes.span.equals("Content-Type: text") == true)
        #expect(bytes.span.equals("Content-Type: tex") == false)
        #expect(bytes.span.equals("Content-Type: texts") == false)
        #expect(bytes.span.hasPrefix("Type", from: 8, to: 12) == true)
        #expect(bytes.span.hasPrefix("Type", from: 8, to: 11) == false)
    }

    @Test func lettersAreComparedWithoutTheirCase() {
        #expect(bytes.span.hasPrefixIgnoringCase("content-type:") == true)
        #expect(bytes.span.equalsIgnoringCase(0..<12, "content-type") == true)
        #expect(bytes.span.equalsIgnoringCase(0..<11, "content-type") == false)
        // `-` and CR differ by the bit that makes letters small.
        #expect(Array("content\rtype".utf8).span.equalsIgnoringCase(0..<12, "content-type") == false)
    }

    /// Every byte in every place of texts that are compared in bytes, in one word, and in words that overlap.
    @Test func onlyCapitalsEqualOtherBytes() {
        for text: StaticString in ["az{`@_-", "a-z{`@_[", "az{`@_-:09 ~|}^]"] {
            let lower = Array("\(text)".utf8)
            for place in lower.indices {
                for byte in UInt8.min...UInt8.max {
                    var bytes = lower
                    bytes[place] = byte
                    let isSame = lowercased(bytes[...]) == lower
                    #expect(bytes.span.equalsIgnoringCase(0..<lower.count, text) == isSame)
                }
            }
        }
    }

    @Test func rangesAreComparedWithoutTheirCase() {
        let both = Array("Key KEY keys".utf8)
        #expect(both.span.equalsIgnoringCase(0..<3, 4..<7) == true)
        #expect(both.span.equalsIgnoringCase(0..<3, 8..<12) == false)
        #expect(both.span.equalsIgnoringCase(0..<3, 9..<12) == false)
    }

    private func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.span.hasSameBytes(as: right.span) }

    @Test func sameBytesAreFoundAtEveryLength() {
        var random = SeededGenerator(seed: 4)
        for count in 0...40 {
            let left = (0..<count).map { _ in UInt8(random.number(0...255)) }
            #expect(isSame(left, left))
            #expect(!isSame(left, left + [0]))
            for index in 0..<count {
                var right = left
                right[index] ^= 1
                #expect(!isSame(left, right))
            }
        }
    }

    private func lowercased(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
    }

    /// Random ranges of bytes that differ in few places, against arrays.
    @Test func comparisonsAgreeWithArrays() {
        var random = SeededGenerator(seed: 12)
        let choices = Array("aAbBzZ@[`{-\r\u{0}".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<random.number(0...24)).map { _ in random.pick(choices) }
            let left = random.number(0...bytes.count)..<bytes.count
            let start = random.number(0...bytes.count)
            let right = start..<random.number(start...bytes.count)
            #expect(
                bytes.span.equalsIgnoringCase(left, right) == (lowercased(bytes[left]) == lowercased(bytes[right])))
            #expect(isSame(Array(bytes[left]), Array(bytes[right])) == (bytes[left] == bytes[right]))
            let isPrefix = bytes[right].starts(with: Array("aab".utf8))
            #expect(bytes.span.hasPrefix("aab", from: right.lowerBound, to: right.upperBound) == isPrefix)
            let isLowerPrefix = lowercased(bytes[right]).starts(with: Array("aab".utf8))
            #expect(bytes.span.hasPrefixIgnoringCase(right, "aab") == isLowerPrefix)
            #expect(bytes.span.equalsIgnoringCase(right, "aab") == (isLowerPrefix && right.count == 3))
        }
    }

    /// Words of eight bytes overlap at the end of a literal: each byte of each length counts.
    @Test func eachByteOfALiteralIsCompared() {
        let literals: [StaticString] = [
            "n", "id", "url", "type", "model", "output", "content", "metadata", "arguments", "input_text",
            "tool_result", "conversation", "function_call", "0123456789abcdef", "reasoning_content",
            "function_call_output", "parallel_tool_calls_and_mo",
        ]
        for literal in literals {
            let text = Array("\(literal)".utf8)
            let bytes = [0x22] + text + Array("\":1".utf8)
            let end = 1 + text.count
            #expect(bytes.span.hasPrefix(literal, from: 1, to: bytes.count) == true)
            #expect(bytes.span.hasPrefix(literal, from: 1, to: end - 1) == false)
            #expect(bytes.span.hasPrefixIgnoringCase(1..<end, literal) == true)
            for place in 1..<end {
                var other = bytes
                other[place] ^= 0x80
                #expect(other.span.hasPrefix(literal, from: 1, to: end) == false)
                #expect(other.span.hasPrefixIgnoringCase(1..<end, literal) == false)
            }
        }
    }

    @Test func anEmptyLiteralIsAPrefixOfEverything() {
        #expect([UInt8]().span.hasPrefix("") == true)
        #expect([UInt8]().span.equals("") == true)
        #expect(bytes.span.hasPrefix("") == true)
        #expect(bytes.span.equals("") == false)
    }
}
