import Bytes

/// Lists in field values (RFC 9110, section 5.6.1).
extension Span<UInt8> {
    /// Returns the next member of a comma-separated list that ends at `end`, trimmed and perhaps empty; nil after the
    /// last.
    ///
    /// Commas in quoted strings do not separate members. `position` starts at the list's first byte.
    func nextListMember(_ position: inout Int, end: Int) -> Range<Int>? {
        guard position <= end else { return nil }
        var index = position
        var quoted = false
        while index < end {
            let byte = self[index]
            if quoted, byte == ASCII.backslash {
                index += 1
            } else if byte == ASCII.quote {
                quoted.toggle()
            } else if !quoted, byte == ASCII.comma {
                break
            }
            index += 1
        }
        // A backslash as the last byte steps over the end.
        index = Swift.min(index, end)
        defer { position = index + 1 }
        return trimmed(position..<index)
    }

    /// Returns a list member without its parameters, which begin with the first semicolon.
    func withoutParameters(_ member: Range<Int>) -> Range<Int> {
        for index in member where self[index] == ASCII.semicolon { return trimmed(member.lowerBound..<index) }
        return member
    }
}
