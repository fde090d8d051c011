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
}
