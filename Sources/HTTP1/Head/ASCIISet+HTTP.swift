import Bytes

extension ASCIISet {
    /// Bytes that may stand in a request target: every visible character but `#` and `\`.
    ///
    /// RFC 3986 allows fewer, but clients do send brackets, bars and braces, and no parser takes them for anything else. A
    /// fragment or a backslash is read differently by different parsers.
    static var target: ASCIISet { ASCIISet(low: 0xFFFF_FFF6_0000_0000, high: 0x7FFF_FFFF_EFFF_FFFF) }

    /// `reg-name` of RFC 3986, section 3.2.2, without percent-encoding and without the comma, which some parsers take for a
    /// list.
    static var registeredName: ASCIISet { ASCIISet(low: 0x2BFF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
}
