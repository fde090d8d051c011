/// A set of ASCII characters in two words. A look-up is a shift and reads no memory.
@usableFromInline package struct ASCIISet: Sendable {
    /// The characters 0 to 63, one bit each.
    @usableFromInline let low: UInt64
    /// The characters 64 to 127, one bit each.
    @usableFromInline let high: UInt64

    /// A set of the characters whose bits are 1.
    @inlinable
    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Returns true for a member. Bytes outside ASCII are never members.
    @inlinable @inline(__always)
    package func contains(_ byte: UInt8) -> Bool {
        let word = byte & 64 == 0 ? low : high
        return byte < 128 && (word >> UInt64(byte & 63)) & 1 == 1
    }

    /// `tchar` of RFC 9110, section 5.6.2.
    @inlinable package static var token: ASCIISet {
        ASCIISet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// `unreserved` of RFC 3986, section 2.3: letters, digits, hyphen, point, underscore, tilde.
    @inlinable package static var unreserved: ASCIISet {
        ASCIISet(low: 0x03FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }
}
