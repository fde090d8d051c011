import SeededRandom
import Testing

@testable import Bytes

@Suite struct SpanSearchTests {
    private let telling: [UInt8] = [0, 1, 9, 10, 13, 31, 32, 33, 126, 127, 128, 129, 138, 141, 159, 160, 254, 255]

    /// Random bytes, most of them harmless, so that a match is often far from the start.
    private func bytes(_ random: inout SeededGenerator) -> [UInt8] {
        (0..<random.number(0...100)).map { _ in random.once(in: 12) ? random.pick(telling) : 0x80 }
    }

    @Test func searchesFindWhatASimpleLoopFinds() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<20_000 {
            let bytes = bytes(&random)
            let start = random.number(0...bytes.count)
            let end = random.number(start...bytes.count)
            let control = bytes[start..<end].firstIndex { $0 < 32 || $0 == 127 } ?? end
            #expect(bytes.span.indexOfControl(from: start, to: end) == control)
            let byte = random.pick(telling)
            #expect(bytes.span.index(of: byte, from: start) == bytes[start...].firstIndex(of: byte) ?? bytes.count)
            let lineEnd = bytes[start...].firstIndex { $0 == 10 || $0 == 13 } ?? bytes.count
            #expect(bytes.span.indexOfLineEnd(from: start) == lineEnd)
        }
    }

    @Test func aStartBeyondTheEndFindsNothing() {
        let bytes = Array("abc".utf8)
        #expect(bytes.span.index(of: 0x61, from: 5) == 3)
        #expect(bytes.span.indexOfLineEnd(from: 5) == 3)
    }

    @Test func setsAreSkipped() {
        let bytes = Array("token-1 rest".utf8)
        #expect(bytes.span.index(after: .token, from: 0) == 7)
        #expect(bytes.span.index(after: .token, from: 7) == 7)
        #expect(bytes.span.index(after: .token, from: 8) == bytes.count)
    }

    @Test func everyByteIsAsked() {
        let bytes = Array("aab".utf8)
        #expect(bytes.span.allSatisfy { $0 == 0x61 } == false)
        let isAllA = bytes.span.extracting(0..<2).allSatisfy { $0 == 0x61 }
        #expect(isAllA)
        #expect([UInt8]().span.allSatisfy { _ in false } == true)
    }
}
