import Bytes

/// The character encodings that a content type names.
package enum Charset {
    /// Returns true if a `charset` in `contentType` names anything but UTF-8 or ASCII, however the parameter is written.
    ///
    /// A server that heeds it reads other text than the gateway does. JSON has no such parameter (RFC 8259, section 11).
    package static func isOther(in contentType: Span<UInt8>) -> Bool {
        // Nearly all content types have no parameter.
        guard contentType.index(of: ASCII.equals, from: 0) < contentType.count,
            contentType.count >= name.utf8CodeUnitCount
        else { return false }
        for start in 0...contentType.count - name.utf8CodeUnitCount
        where contentType.hasPrefixIgnoringCase(start..<contentType.count, name) {
            var index = start + name.utf8CodeUnitCount
            while index < contentType.count, isSyntax(contentType[index]) { index += 1 }
            let value = index..<contentType.count
            guard accepted.contains(where: { isAccepted($0, contentType, value) }) else { return true }
        }
        return false
    }

    private static let name: StaticString = "charset"
    private static let accepted: [StaticString] = ["utf-8", "utf8", "us-ascii", "ascii"]

    private static func isSyntax(_ byte: UInt8) -> Bool {
        ASCII.isBlank(byte) || byte == ASCII.equals || byte == ASCII.quote
    }

    private static func isAccepted(_ charset: StaticString, _ contentType: Span<UInt8>, _ value: Range<Int>) -> Bool {
        guard contentType.hasPrefixIgnoringCase(value, charset) else { return false }
        let end = value.lowerBound + charset.utf8CodeUnitCount
        return end == contentType.count || !ASCIISet.token.contains(contentType[end])
    }
}
