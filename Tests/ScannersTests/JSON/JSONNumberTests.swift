import SeededRandom
import Testing

@testable import Scanners

@Suite struct JSONNumberTests {
    private func integer(_ literal: String) -> Int64? { JSONNumber.integer(Array(literal.utf8).span) }

    @Test func everyIntegerIsItself() {
        var random = SeededGenerator(seed: 41)
        for _ in 0..<5000 {
            let number = Int64.random(in: .min ... .max, using: &random) >> Int64(random.number(0...63))
            #expect(integer(String(number)) == number)
        }
        for edge in [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max] { #expect(integer(String(edge)) == edge) }
    }

    /// The same value with a point and an exponent that undo each other.
    @Test func theSpellingDoesNotMatter() {
        var random = SeededGenerator(seed: 42)
        for _ in 0..<5000 {
            let number = Int64.random(in: -1_000_000_000...1_000_000_000, using: &random)
            let digits = String(number.magnitude) + String(repeating: "0", count: random.number(0...5))
            let zeros = digits.count - String(number.magnitude).count
            let point = random.number(1...digits.count)
            let fraction = digits.dropFirst(point)
            let exponent = fraction.count - zeros
            let sign = number < 0 ? "-" : ""
            let literal =
                sign + digits.prefix(point) + (fraction.isEmpty ? "" : "." + fraction)
                + (exponent == 0 ? "" : random.pick(["e", "E"]) + String(exponent))
            #expect(integer(literal) == number, "\(literal)")
        }
    }

    /// The model has 128 bits, which hold every literal of the test.
    @Test func fractionsAndLargeNumbersAreNoIntegers() {
        var random = SeededGenerator(seed: 43)
        for _ in 0..<5000 {
            let mantissa = Int128(random.number(0...999_999))
            let exponent = random.number(-8...24)
            var value: Int128? = mantissa
            for _ in 0..<abs(exponent) {
                guard let present = value else { break }
                if exponent > 0 { value = present * 10 } else { value = present % 10 == 0 ? present / 10 : nil }
            }
            let expected = value.flatMap { Int64(exactly: $0) }
            #expect(integer("\(mantissa)e\(exponent)") == expected, "\(mantissa)e\(exponent)")
        }
    }

    @Test(arguments: [
        "1e999999999999999999999999", "0.1e-999999999999999999999999", "1e-999999999999999999999999",
        "123456789012345678901234567890", "-123456789012345678901234567890",
    ]) func hugeExponentsAndMantissasAreNoIntegers(literal: String) {
        #expect(integer(literal) == nil)
    }

    @Test(arguments: ["0", "-0", "0.000", "0e999999999999999999999999", "-0.0e-99999999999999999999"])
    func zeroIsZeroWithAnyExponent(literal: String) {
        #expect(integer(literal) == 0)
    }

    @Test func manyZerosCostLittle() {
        let zeros = String(repeating: "0", count: 1_000_000)
        #expect(integer("1\(zeros)e-1000000") == 1)
        #expect(integer("0.\(zeros)1e1000001") == 1)
        #expect(integer("0.\(zeros)") == 0)
    }
}
