import Bytes
import SeededRandom
import Testing

@testable import Scanners

@Suite struct SpanJSONTextTests {
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

    /// Text, names and escapes of two characters, at every place and cut anywhere, against a search byte by byte.
    @Test func escapesOfTwoCharactersAreText() {
        var random = SeededGenerator(seed: 32)
        let choices = ["a", "names of keys", #"\n"#, #"\""#, #"\\"#, #"\u0041"#, #"\x"#, "\"", "é", "\n"]
        for _ in 0..<20000 {
            let whole = (0..<random.number(1...12)).flatMap { _ in Array(random.pick(choices).utf8) }
            let bytes = Array(whole[..<random.number(0...whole.count)])
            let start = random.number(0...bytes.count)
            let plain = bytes.span.endOfPlainText(from: start)
            let endsName = plain < bytes.count && bytes[plain] == 0x22 && plain < start + 8 && start + 8 <= bytes.count
            #expect(bytes.span.endOfName(from: start) == (endsName ? plain : nil), "\(bytes), from \(start)")
            let (end, escapes) = bytes.span.endOfText(from: start)
            let expected = Self.endOfText(bytes, from: start)
            #expect(end == expected.end && escapes == expected.escapes, "\(bytes), from \(start)")
        }
    }

    private static func endOfText(_ bytes: [UInt8], from start: Int) -> (end: Int, escapes: Int) {
        var (index, escapes) = (start, 0)
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x5C, index + 1 < bytes.count, #""\/bfnrt"#.utf8.contains(bytes[index + 1]) {
                escapes += 1
                index += 2
            } else if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C {
                break
            } else {
                index += 1
            }
        }
        return (index, escapes)
    }

    /// Swift's own decoder is the oracle, for every first byte and all edges of the bytes after it.
    @Test func charactersAreThoseOfSwiftsDecoder() {
        let followers: [UInt8] = [0x00, 0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF]
        for first in UInt8(0x80)...0xFF {
            for second in followers {
                for third in followers {
                    let bytes = [first, second, third, 0x80]
                    #expect(bytes.span.lengthOfCharacter(at: 0) == Self.length(bytes), "\(bytes)")
                }
            }
        }
    }

    @Test func aCutCharacterIsNone() {
        for text in ["é", "关", "\u{1F600}"] {
            let bytes = Array(text.utf8)
            for count in 1..<bytes.count { #expect(Array(bytes[..<count]).span.lengthOfCharacter(at: 0) == 0) }
        }
    }

    private static func length(_ bytes: [UInt8]) -> Int {
        for count in 2...4 {
            let text = String(validating: bytes[..<count], as: UTF8.self)
            if let text, text.unicodeScalars.count == 1 { return count }
        }
        return 0
    }

    @Test func codeUnitsAreFourHexadecimalDigits() {
        var random = SeededGenerator(seed: 33)
        let digits = Array("0123456789abcdefABCDEFgG@`/:".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<random.number(0...6)).map { _ in random.pick(digits) }
            let start = random.number(0...bytes.count)
            let text = String(decoding: bytes[start...].prefix(4), as: UTF8.self)
            let isValid = text.utf8.count == 4 && text.allSatisfy(\.isHexDigit)
            #expect(bytes.span.codeUnit(at: start) == (isValid ? UInt32(text, radix: 16) : nil))
        }
    }
}
