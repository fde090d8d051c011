import Bytes

extension ASCIISet {
    /// Bytes allowed in a request target: every visible character except `#` and `\`.
    ///
    /// RFC 3986 allows fewer, but clients send brackets, bars and braces, and all parsers agree on them. Parsers do not
    /// agree on fragments and backslashes.
    static var target: ASCIISet { ASCIISet(low: 0xFFFF_FFF6_0000_0000, high: 0x7FFF_FFFF_EFFF_FFFF) }

    /// Bytes of a `reg-name` (RFC 3986, section 3.2.2), without percent-encoding and without the comma, which some
    /// parsers read as a list.
    static var registeredName: ASCIISet { ASCIISet(low: 0x2BFF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
}
