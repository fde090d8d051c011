import Bytes

/// The values of number literals (RFC 8259, section 6).
enum JSONNumber {
    /// The value of a valid `literal`; nil if it is no integer of 64 bits.
    ///
    /// The value is the digits without trailing zeros, times a power of ten. It is an integer if the power is not negative.
    static func integer(_ literal: Span<UInt8>) -> Int64? {
        let isNegative = !literal.isEmpty && literal[0] == ASCII.hyphen
        let mantissaStart = isNegative ? 1 : 0
        var mantissaEnd = mantissaStart
        while mantissaEnd < literal.count, literal[mantissaEnd] | 0x20 != 0x65 { mantissaEnd += 1 }

        // The digits so far as a negative number, since `Int64.min` has no positive counterpart.
        var digits: Int64 = 0
        var zeros = 0
        var fractionDigits = 0
        var isFraction = false
        for index in mantissaStart..<mantissaEnd {
            let byte = literal[index]
            if byte == ASCII.point {
                isFraction = true
                continue
            }
            if isFraction { fractionDigits += 1 }
            if byte == ASCII.zero {
                zeros += 1
                continue
            }
            guard let shifted = scaled(digits, byPowerOfTen: zeros + 1) else { return nil }
            let (sum, overflow) = shifted.subtractingReportingOverflow(Int64(byte - ASCII.zero))
            if overflow { return nil }
            digits = sum
            zeros = 0
        }
        if digits == 0 { return 0 }
        let power = exponent(literal, from: mantissaEnd) - fractionDigits + zeros
        guard power >= 0, let value = scaled(digits, byPowerOfTen: power) else { return nil }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    private static func scaled(_ value: Int64, byPowerOfTen power: Int) -> Int64? {
        if value == 0 { return 0 }
        var value = value
        for _ in 0..<power {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
        }
        return value
    }

    /// The exponent that begins with the `e` at `start`; 0 without one.
    ///
    /// It is cut off at a value beyond the number of digits of any literal in memory, so the sum with that number cannot overflow.
    private static func exponent(_ literal: Span<UInt8>, from start: Int) -> Int {
        var index = start + 1
        guard index < literal.count else { return 0 }
        let isNegative = literal[index] == ASCII.hyphen
        if isNegative || literal[index] == ASCII.plus { index += 1 }
        var value = 0
        while index < literal.count {
            if value < 1 << 48 { value = value * 10 + Int(literal[index] - ASCII.zero) }
            index += 1
        }
        return isNegative ? -value : value
    }
}
