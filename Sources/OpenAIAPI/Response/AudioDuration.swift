/// Durations as JSON states them.
enum AudioDuration {
    /// The decimal number `literal` in seconds (`8.47`, `1.2e2`) as milliseconds, rounded up.
    ///
    /// Returns nil for negative numbers, for those above `UpstreamUsage.limit`, and for text that is not a number.
    static func milliseconds(_ literal: String) -> Int64? {
        var mantissa: Int64 = 0
        var exponent: Int64 = 3
        var isFraction = false
        var hasDigits = false
        var bytes = literal.utf8[...]
        while let byte = bytes.first {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                hasDigits = true
                // Further digits of a fraction are below the precision of any clock.
                if mantissa < UpstreamUsage.limit * 1000 {
                    mantissa = mantissa * 10 + Int64(byte - UInt8(ascii: "0"))
                    if isFraction { exponent -= 1 }
                } else if !isFraction {
                    return nil
                }
            case UInt8(ascii: ".") where !isFraction && hasDigits: isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard hasDigits, let power = Int64(Substring(bytes.dropFirst())), (-99...99).contains(power)
                else { return nil }
                return scaled(mantissa, by: exponent + power)
            default: return nil
            }
            bytes = bytes.dropFirst()
        }
        return hasDigits ? scaled(mantissa, by: exponent) : nil
    }

    /// `mantissa` times ten to the power of `exponent`, rounded up; nil above the limit.
    private static func scaled(_ mantissa: Int64, by exponent: Int64) -> Int64? {
        var value = mantissa
        var hasRemainder = false
        for _ in 0..<abs(exponent) {
            if exponent > 0 {
                guard value <= UpstreamUsage.limit else { return nil }
                value *= 10
            } else {
                hasRemainder = hasRemainder || value % 10 != 0
                value /= 10
            }
        }
        value += hasRemainder ? 1 : 0
        return value <= UpstreamUsage.limit ? value : nil
    }
}
