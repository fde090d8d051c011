import Bytes
import SeededRandom
import Testing

@testable import Scanners

@Suite struct SpanScanningTests {
    @Test func everyByteAtEveryPlaceIsSeen() {
        for length in [0, 1, 7, 8, 9, 16, 31, 32, 33, 47, 72] {
            for place in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var bytes = [UInt8](repeating: 0x20, count: length)
                    bytes[place] = byte
                    let endsText = byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C
                    let endsLine = byte == 0x0A || byte == 0x0D
                    let isRight =
                        bytes.span.endOfPlainText(from: 0) == (endsText ? place : length)
                        && bytes.span.indexOfLineEnd(from: 0) == (endsLine ? place : length)
                        && bytes.span.index(of: 0x0D, from: 0) == (byte == 0x0D ? place : length)
                    #expect(isRight, "length \(length), place \(place), byte \(byte)")
                }
            }
        }
    }

    @Test func theFirstOfManyIsFound() {
        var random = SeededGenerator(seed: 31)
        let choices: [UInt8] = [
            0x00, 0x0A, 0x0D, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x41, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xFF,
        ]
        for _ in 0..<20000 {
            let filler = random.pick(choices)
            let bytes = (0..<random.number(0...80)).map { _ in random.once(in: 12) ? random.pick(choices) : filler }
            let start = random.number(0...bytes.count)
            let rest = bytes[start...]
            let text = rest.firstIndex { $0 < 0x20 || $0 >= 0x80 || $0 == 0x22 || $0 == 0x5C } ?? bytes.count
            let line = rest.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
            let isRight =
                bytes.span.endOfPlainText(from: start) == text && bytes.span.indexOfLineEnd(from: start) == line
                && bytes.span.index(of: 0x0D, from: start) == rest.firstIndex(of: 0x0D) ?? bytes.count
            #expect(isRight, "\(bytes), from \(start)")
        }
    }
}
