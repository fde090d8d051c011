import SeededRandom
import Testing

@testable import Bytes

@Suite struct DecimalTests {
    @Test(
        arguments: [
            (0, 1, "0"), (7, 1, "7"), (7, 3, "007"), (1234, 2, "1234"), (-5, 2, "-05"),
            (Int64.max, 1, "9223372036854775807"), (Int64.min, 1, "-9223372036854775808"), (0, 0, ""),
        ] as [(Int64, Int, String)])
    func numbersArePadded(number: Int64, digits: Int, text: String) {
        #expect(String(padding: number, toDigits: digits) == text)
    }

    @Test func everyNumberIsWrittenAsSwiftWritesIt() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<1000 {
            let number = Int64.random(in: .min ... .max, using: &random) >> Int64(random.number(0...63))
            #expect(String(padding: number, toDigits: 1) == String(number))
        }
    }
}

@Suite struct AppendTests {
    @Test func rangesLiteralsAndSpansAreAppended() {
        let source = Array("abcdef".utf8)
        var bytes = [UInt8](1..<3, of: source.span)
        #expect(bytes == Array("bc".utf8))
        bytes.append(4..<6, of: source.span)
        bytes.append("-literal-")
        bytes.append(source.span.extracting(0..<1))
        #expect(bytes == Array("bcef-literal-a".utf8))
    }

    @Test func aRangeIsReplacedAndTheRestStays() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<1000 {
            let before = (0..<random.number(0...40)).map { _ in UInt8(random.number(0...255)) }
            let start = random.number(0...before.count)
            let new = (0..<random.number(0...before.count - start)).map { _ in UInt8(random.number(0...255)) }
            var bytes = before
            bytes.replace(from: start, with: new.span)
            #expect(bytes == Array(before[..<start]) + new + Array(before[(start + new.count)...]))
        }
    }

    @Test func aReplacementBeyondTheEndEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var bytes: [UInt8] = [1, 2, 3]
            bytes.replace(from: 2, with: [4, 5].span)
        }
    }
}
