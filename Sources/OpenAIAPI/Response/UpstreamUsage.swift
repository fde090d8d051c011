/// What an answer says was used, whatever shape it says it in. Numbers that are not stated are zero.
package struct UpstreamUsage: Equatable, Sendable {
    /// Tokens read by the model.
    package var promptTokens: Int64 = 0
    /// Tokens written by the model, the reasoning tokens among them.
    package var completionTokens: Int64 = 0
    /// Those of `completionTokens` that were reasoning.
    package var reasoningTokens: Int64 = 0
    /// Those of `promptTokens` that were read from a cache.
    package var cachedTokens: Int64 = 0
    /// All tokens, as stated; else the sum of the two.
    package var totalTokens: Int64 = 0
    /// Cohere's billed search units.
    package var searchUnits: Int64?
    /// How long the transcribed audio is, in milliseconds, rounded up.
    package var audioMilliseconds: Int64?
    /// Whether everything that the endpoint is billed by was stated. Where it is false, the numbers are no basis for a bill.
    package var isStated = false

    /// Nothing stated.
    package init() {}

    /// The largest number that is taken for one. Anything beyond is a fault of the upstream, as are fractions and negative
    /// numbers: all are passed over as if not stated.
    static let limit: Int64 = 1 << 40
}

/// Reads durations as JSON writes them.
enum AudioDuration {
    /// `literal` seconds (`8.47`, `1.2e2`) in milliseconds, rounded up; nil where it is negative, absurd or no number.
    static func milliseconds(_ literal: String) -> Int64? {
        var mantissa: Int64 = 0
        var exponent: Int64 = 3
        var isBehindPoint = false
        var hasDigits = false
        var bytes = literal.utf8[...]
        while let byte = bytes.first {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                hasDigits = true
                // Digits beyond the precision of any clock would overflow; they only ever round up.
                if mantissa < UpstreamUsage.limit * 1000 {
                    mantissa = mantissa * 10 + Int64(byte - UInt8(ascii: "0"))
                    if isBehindPoint { exponent -= 1 }
                } else if !isBehindPoint {
                    return nil
                }
            case UInt8(ascii: ".") where !isBehindPoint && hasDigits: isBehindPoint = true
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

    private static func scaled(_ mantissa: Int64, by exponent: Int64) -> Int64? {
        var value = mantissa
        var remainder = false
        for _ in 0..<abs(exponent) {
            if exponent > 0 {
                guard value <= UpstreamUsage.limit else { return nil }
                value *= 10
            } else {
                remainder = remainder || value % 10 != 0
                value /= 10
            }
        }
        value += remainder ? 1 : 0
        return value <= UpstreamUsage.limit ? value : nil
    }
}
