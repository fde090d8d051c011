import Bytes

/// Parts of a request target, by its form (RFC 9112, section 3.2).
struct RequestTarget {
    /// The path as written. For an absolute target without one, the range of the last `/` of `http://`, so that it is a
    /// range of the head all the same.
    let path: Range<Int>
    /// The part after the `?`.
    let query: Range<Int>?
    /// The authority of an absolute target.
    let authority: Range<Int>?

    init(_ window: Span<UInt8>, _ line: RequestLine) throws(HTTP1Error) {
        // Methods are case-sensitive.
        if window.extracting(line.method).equals("CONNECT") { throw .connectUnsupported }
        let target = line.target
        if window[target.lowerBound] == ASCII.slash {
            authority = nil
            (path, query) = Self.split(window, target)
            return
        }
        if target.count == 1, window[target.lowerBound] == UInt8(ascii: "*") {
            guard window.extracting(line.method).equals("OPTIONS") else { throw .invalidTarget }
            authority = nil
            (path, query) = (target, nil)
            return
        }
        let schemeEnd: Int
        if window.hasPrefixIgnoringCase(target, "http://") {
            schemeEnd = target.lowerBound + 7
        } else if window.hasPrefixIgnoringCase(target, "https://") {
            schemeEnd = target.lowerBound + 8
        } else {
            throw .invalidTarget
        }
        var end = schemeEnd
        while end < target.upperBound, window[end] != ASCII.slash, window[end] != UInt8(ascii: "?") { end += 1 }
        guard HostSyntax.isValid(window, schemeEnd..<end) else { throw .invalidTarget }
        authority = schemeEnd..<end
        let parts = Self.split(window, end..<target.upperBound)
        path = parts.path.isEmpty ? schemeEnd - 1..<schemeEnd : parts.path
        query = parts.query
    }

    private static func split(_ window: Span<UInt8>, _ range: Range<Int>) -> (path: Range<Int>, query: Range<Int>?) {
        for index in range where window[index] == UInt8(ascii: "?") {
            return (range.lowerBound..<index, index + 1..<range.upperBound)
        }
        return (range, nil)
    }
}

/// `uri-host [ ":" port ]` (RFC 9110, 7.2; RFC 3986, 3.2.2).
enum HostSyntax {
    /// Returns true for a host that is not empty, with an optional port of one to five digits.
    ///
    /// Refuses percent-encoding, commas and future forms of IP literals. RFC 3986 allows them, but names in use have
    /// none.
    static func isValid(_ window: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard !range.isEmpty else { return false }
        var index = range.lowerBound
        if window[index] == UInt8(ascii: "[") {
            index += 1
            let start = index
            while index < range.upperBound, isAddressByte(window[index]) { index += 1 }
            guard index > start, index < range.upperBound, window[index] == UInt8(ascii: "]") else { return false }
            index += 1
        } else {
            while index < range.upperBound, ASCIISet.registeredName.contains(window[index]) { index += 1 }
            guard index > range.lowerBound else { return false }
        }
        guard index < range.upperBound else { return true }
        guard window[index] == ASCII.colon else { return false }
        return isPort(window, index + 1..<range.upperBound)
    }

    private static func isAddressByte(_ byte: UInt8) -> Bool {
        byte == ASCII.colon || byte == UInt8(ascii: ".") || Hexadecimal.value(of: byte) != nil
    }

    private static func isPort(_ window: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard (1...5).contains(range.count) else { return false }
        var port = 0
        for index in range {
            guard ASCII.isDigit(window[index]) else { return false }
            port = port * 10 + Int(window[index] - 0x30)
        }
        return port <= 65535
    }
}
