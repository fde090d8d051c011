/// The reading and writing of hexadecimal digits.
@usableFromInline package enum Hexadecimal {
    /// The value of a digit of either case; nil for every other byte.
    @inlinable @inline(__always)
    package static func value(of byte: UInt8) -> UInt8? {
        let digit = byte &- 0x30
        if digit < 10 { return digit }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    /// The lower-case digit for the lowest four bits of `value`.
    @inlinable @inline(__always)
    package static func digit(_ value: UInt8) -> UInt8 {
        let nibble = value & 0xF
        return nibble < 10 ? 0x30 + nibble : 0x57 + nibble
    }

    /// The upper-case digit for the lowest four bits of `value`.
    @inlinable @inline(__always)
    package static func upperDigit(_ value: UInt8) -> UInt8 {
        let nibble = value & 0xF
        return nibble < 10 ? 0x30 + nibble : 0x37 + nibble
    }

    /// The text of `bytes`, two lower-case digits for each.
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte))
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
