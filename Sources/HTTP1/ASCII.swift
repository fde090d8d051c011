/// The bytes that HTTP gives a meaning to.
enum ASCII {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let comma: UInt8 = 0x2C
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let backslash: UInt8 = 0x5C

    @inline(__always)
    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == space || byte == tab
    }

    /// CTL of RFC 5234, B.1: below the space, and DEL. The tab is one as well.
    @inline(__always)
    static func isControl(_ byte: UInt8) -> Bool {
        byte < space || byte == 0x7F
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    @inline(__always)
    static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        let digit = byte &- 0x30
        if digit < 10 { return digit }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }
}

/// A set of ASCII characters as two words, so that a look-up is a shift and no memory is read.
struct ASCIISet: Sendable {
    /// The characters 0 to 63, one bit each.
    let low: UInt64
    /// The characters 64 to 127.
    let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte & 64 == 0 ? low : high
        return byte < 128 && (word >> UInt64(byte & 63)) & 1 == 1
    }

    /// `tchar` of RFC 9110, 5.6.2.
    static var token: ASCIISet { ASCIISet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// What may stand in a request target: every visible character but `#` and `\`. RFC 3986 allows fewer, but clients
    /// do send brackets, bars and braces, and no parser takes them for anything else. A fragment or a backslash is read
    /// differently by different parsers.
    static var target: ASCIISet { ASCIISet(low: 0xFFFF_FFF6_0000_0000, high: 0x7FFF_FFFF_EFFF_FFFF) }

    /// `reg-name` of RFC 3986, 3.2.2, without percent-encoding and without the comma, which some parsers take for a
    /// list.
    static var registeredName: ASCIISet { ASCIISet(low: 0x2BFF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
}
