extension Span<UInt8> {
    /// The first control byte (below the space, or DEL) in `start..<end`, or `end`.
    ///
    /// Header values are the bulk of a head; eight bytes at a time this is their whole validation.
    @inline(__always)
    func indexOfControl(from start: Int, to end: Int) -> Int {
        precondition(0 <= start && end <= count)
        var index = start
        // The bounds were checked above for the whole range.
        while index &+ 8 <= end {
            let word = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
            let deleted = word ^ 0x7F7F_7F7F_7F7F_7F7F
            let below = (word &- 0x2020_2020_2020_2020) & ~word
            let equal = (deleted &- 0x0101_0101_0101_0101) & ~deleted
            let found = (below | equal) & 0x8080_8080_8080_8080
            // A borrow can only mark bytes above a true match, so the lowest mark is exact.
            if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < end {
            if ASCII.isControl(self[unchecked: index]) { return index }
            index &+= 1
        }
        return end
    }

    /// The first byte of `start..<count` that is not in `set`, or `count`.
    @inline(__always)
    func index(behind set: ASCIISet, from start: Int) -> Int {
        precondition(start >= 0)
        var index = start
        while index < count, set.contains(self[unchecked: index]) { index &+= 1 }
        return index
    }

    /// Whether `range` is `text`, which is in lower case, but for the case of its ASCII letters.
    @inline(__always)
    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount && hasPrefix(range, text)
    }

    /// Whether `range` begins with `text`, which is in lower case, but for the case of its ASCII letters.
    @inline(__always)
    func hasPrefix(_ range: Range<Int>, _ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard range.count >= length else { return false }
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        let expected = text.utf8Start
        for offset in 0..<length
        where ASCII.lowercased(self[unchecked: range.lowerBound &+ offset]) != expected[offset] {
            return false
        }
        return true
    }

    /// Whether two ranges hold the same, but for the case of ASCII letters.
    func equals(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for offset in 0..<left.count
        where ASCII.lowercased(self[left.lowerBound + offset]) != ASCII.lowercased(self[right.lowerBound + offset]) {
            return false
        }
        return true
    }

    /// `range` without the spaces and tabs at its ends (OWS of RFC 9110, 5.6.3).
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, ASCII.isBlank(self[start]) { start &+= 1 }
        while start < end, ASCII.isBlank(self[end &- 1]) { end &-= 1 }
        return start..<end
    }

    /// The next member of a comma-separated list (RFC 9110, 5.6.1) that ends at `end`, trimmed, perhaps empty; nil
    /// behind the last. Commas in quoted strings part nothing. `position` starts at the list's first byte.
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

    /// A list member without its parameters: what stands before the first semicolon.
    func withoutParameters(_ member: Range<Int>) -> Range<Int> {
        for index in member where self[index] == ASCII.semicolon { return trimmed(member.lowerBound..<index) }
        return member
    }
}

extension [UInt8] {
    /// Appends `range` of `span`. `Array` has no such call for spans yet.
    @inline(__always)
    mutating func append(_ range: Range<Int>, of span: Span<UInt8>) {
        span.extracting(range).withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// Appends the bytes of a literal.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
