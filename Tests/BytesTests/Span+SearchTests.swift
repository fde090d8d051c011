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

    @Test func zeroBytesAreMarkedExactlyUpToTheLowest() {
        var random = SeededGenerator(seed: 13)
        for _ in 0..<5000 {
            let bytes = (0..<8).map { _ in random.pick([0, 0, 1, 0x7F, 0x80, 0xFF] as [UInt8]) }
            let marks = Span<UInt8>.zeroMarks(bytes.span.word(at: 0))
            let lowest = bytes.firstIndex(of: 0)
            #expect((marks == 0) == (lowest == nil))
            if let lowest { #expect(marks.trailingZeroBitCount / 8 == lowest) }
        }
    }

    @Test func wordsAreLittleEndian() {
        let bytes = (0..<12).map { UInt8($0) }
        #expect(bytes.span.word(at: 0) == 0x0706_0504_0302_0100)
        #expect(bytes.span.word(at: 4) == 0x0B0A_0908_0706_0504)
    }

    @Test func aNegativeStartEndsTheProcess() async {
        await #expect(processExitsWith: .failure) { _ = [1, 2, 3].span.index(of: 1, from: -1) }
    }
}
