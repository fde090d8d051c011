import Bytes

extension MultipartScanner {
    /// The boundary in the value of a `content-type` field.
    ///
    /// It has 1 to 70 characters (RFC 2046, section 5.1.1). Without quotes it can have all of them but space and comma, since some
    /// programs never quote.
    ///
    /// Parsers differ on a parameter that is repeated, on those of RFC 2231 (`boundary*=`, `boundary*0=`), which some join and
    /// others skip, and on backslashes. So none of them is accepted, for whatever parameter.
    ///
    /// - Returns: nil if the type is not `multipart/form-data`, if parsers could read its parameters differently, if they name
    ///   another `charset` than UTF-8, or if `boundary` is missing or invalid.
    package static func boundary(ofContentType value: Span<UInt8>) -> [UInt8]? {
        var reader = ParameterReader(value)
        guard reader.readToken(value).map({ value.equalsIgnoringCase($0, "multipart/form-data") }) == true else {
            return nil
        }
        guard !Charset.isOther(in: value) else { return nil }
        var boundary: [UInt8]?
        var names: Set<[UInt8]> = []
        while true {
            switch reader.next(
                in: value, unquoted: { isBoundaryCharacter($0) && $0 != ASCII.space && $0 != ASCII.comma })
            {
            case .end:
                return boundary
            case .malformed:
                return nil
            case .parameter(let name, let content):
                let folded = [UInt8](name, of: value).map(ASCII.lowercased)
                guard names.insert(folded).inserted, !folded.contains(UInt8(ascii: "*")),
                    !content.isAmbiguous(in: value)
                else { return nil }
                guard value.equalsIgnoringCase(name, "boundary") else { continue }
                let text = content.decoded(in: value)
                guard (1...70).contains(text.count), text.allSatisfy(isBoundaryCharacter),
                    text.last != ASCII.space
                else { return nil }
                boundary = text
            }
        }
    }

    /// Returns true for `bchars` (RFC 2046, section 5.1.1).
    private static func isBoundaryCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x27...0x29, 0x2B...0x2F, 0x3A, 0x3D, 0x3F, 0x5F, 0x20: true
        default: false
        }
    }
}
