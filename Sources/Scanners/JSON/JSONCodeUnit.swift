/// The code unit of an escape `\uXXXX` that is read digit by digit, and the high surrogate before it (RFC 8259, section 7).
struct JSONCodeUnit: Sendable {
    /// The meaning of a complete code unit.
    enum Meaning: Equatable {
        /// A scalar, written with that many bytes.
        case scalar(UInt32, length: Int)
        /// A high surrogate: the next escape decides.
        case highSurrogate
    }

    /// U+FFFD, for a surrogate without its partner.
    static let replacement: UInt32 = 0xFFFD
    /// The bytes of one escape `\uXXXX`.
    static let length = 6

    private var unit: UInt32 = 0
    private var digits = 0
    /// The high surrogate before this code unit; 0 without one.
    private var highSurrogate: UInt32 = 0

    /// Begins a code unit, perhaps directly after a high surrogate.
    mutating func begin(isAfterHighSurrogate: Bool) {
        unit = 0
        digits = 0
        if !isAfterHighSurrogate { highSurrogate = 0 }
    }

    /// Adds the value of a digit. Returns true when the code unit is complete.
    mutating func add(_ digit: UInt8) -> Bool {
        unit = unit &<< 4 | UInt32(digit)
        digits &+= 1
        return digits == 4
    }

    /// Completes the code unit.
    ///
    /// - Returns: its meaning, and true if the high surrogate before it has no partner.
    mutating func complete() -> (meaning: Meaning, isAfterLoneSurrogate: Bool) {
        let isLow = unit & 0xFC00 == 0xDC00
        if highSurrogate != 0, isLow {
            let scalar = 0x10000 + (highSurrogate & 0x3FF) << 10 + unit & 0x3FF
            return (.scalar(scalar, length: 2 * Self.length), false)
        }
        let isAfterLoneSurrogate = highSurrogate != 0
        if unit & 0xFC00 == 0xD800 {
            highSurrogate = unit
            return (.highSurrogate, isAfterLoneSurrogate)
        }
        return (.scalar(isLow ? Self.replacement : unit, length: Self.length), isAfterLoneSurrogate)
    }
}
