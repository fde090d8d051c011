import Bytes

extension MultipartScanner {
    /// The boundary that a `content-type` value states.
    ///
    /// - Returns: Nil where the type is not `multipart/form-data`, its parameters are malformed, or `boundary` is
    ///   missing, stands twice, or is not 1 to 70 of the characters of RFC 2046, 5.1.1. Unquoted it may hold all of
    ///   them but space and comma, as programs write it that do not quote.
    package static func boundary(ofContentType value: Span<UInt8>) -> [UInt8]? {
        var reader = ParameterReader(value)
        guard reader.readToken(value).map({ equals($0, "multipart/form-data", in: value) }) == true else { return nil }
        var boundary: [UInt8]?
        while true {
            switch reader.next(
                in: value, unquoted: { isBoundaryCharacter($0) && $0 != ASCII.space && $0 != ASCII.comma })
            {
            case .end:
                return boundary
            case .malformed:
                return nil
            case .parameter(let name, let content):
                guard equals(name, "boundary", in: value) else { continue }
                let text = content.decoded(in: value)
                guard boundary == nil, (1...70).contains(text.count), text.allSatisfy(isBoundaryCharacter),
                    text.last != ASCII.space
                else { return nil }
                boundary = text
            }
        }
    }

    /// `bchars` of RFC 2046, 5.1.1.
    private static func isBoundaryCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x27...0x29, 0x2B...0x2F, 0x3A, 0x3D, 0x3F, 0x5F, 0x20: true
        default: false
        }
    }

    private static func equals(_ range: Range<Int>, _ text: StaticString, in value: Span<UInt8>) -> Bool {
        range.count == text.utf8CodeUnitCount
            && (0..<range.count).allSatisfy {
                ASCII.lowercased(value[range.lowerBound + $0]) == text.utf8Start[$0]
            }
    }
}
