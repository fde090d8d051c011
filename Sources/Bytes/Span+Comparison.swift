/// Comparisons with literals, ranges and other spans.
extension Span<UInt8> {
    /// Returns true if these are the bytes of `text`.
    @inlinable @inline(__always)
    package func equals(_ text: StaticString) -> Bool { count == text.utf8CodeUnitCount && hasPrefix(text) }

    /// Returns true if the bytes begin with those of `text`.
    @inlinable @inline(__always)
    package func hasPrefix(_ text: StaticString) -> Bool { hasPrefix(text, from: 0, to: count) }

    /// Returns true if the bytes of `start..<end` begin with those of `text`.
    @inlinable @inline(__always)
    package func hasPrefix(_ text: StaticString, from start: Int, to end: Int) -> Bool {
        hasPrefix(text, from: start, to: end) { $0 == $1 }
    }

    /// Returns true if the bytes begin with `text`, which is in lower case, without regard to the case of letters.
    @inlinable @inline(__always)
    package func hasPrefixIgnoringCase(_ text: StaticString) -> Bool { hasPrefixIgnoringCase(0..<count, text) }

    /// Returns true if `range` is `text`, which is in lower case, without regard to the case of letters.
    @inlinable @inline(__always)
    package func equalsIgnoringCase(_ range: Range<Int>, _ text: StaticString) -> Bool {
        range.count == text.utf8CodeUnitCount && hasPrefixIgnoringCase(range, text)
    }

    /// Returns true if `range` begins with `text`, ASCII in lower case, without regard to the case of letters.
    @inlinable @inline(__always)
    package func hasPrefixIgnoringCase(_ range: Range<Int>, _ text: StaticString) -> Bool {
        hasPrefix(text, from: range.lowerBound, to: range.upperBound) { Self.isSame($0, ignoringCase: $1) }
    }

    /// Returns true if the bytes of `start..<end` begin with those of `text`: `isSame` compares eight of them, or one with zeros.
    @inlinable @inline(__always)
    func hasPrefix(
        _ text: StaticString, from start: Int, to end: Int, _ isSame: (_ word: UInt64, _ expected: UInt64) -> Bool
    ) -> Bool {
        let length = text.utf8CodeUnitCount
        guard end - start >= length else { return false }
        precondition(start >= 0 && length <= count - start)
        let expected = text.utf8Start
        var offset = 0
        guard length >= 8 else {
            while offset < length {
                guard isSame(UInt64(self[unchecked: start &+ offset]), UInt64(expected[offset])) else { return false }
                offset &+= 1
            }
            return true
        }
        while true {
            let word = UnsafeRawPointer(expected + offset).loadUnaligned(as: UInt64.self)
            guard isSame(self.word(at: start &+ offset), UInt64(littleEndian: word)) else { return false }
            if offset &+ 8 >= length { return true }
            // The last eight bytes may overlap those before.
            offset = Swift.min(offset &+ 8, length &- 8)
        }
    }

    /// Returns true if the eight bytes of `word` are those of `lower`, ASCII in lower case, without regard to the case of letters.
    @inlinable @inline(__always)
    static func isSame(_ word: UInt64, ignoringCase lower: UInt64) -> Bool {
        // Bytes from `a` reach 0x80 in the first sum, those above `z` in the second one; neither can carry.
        let letters = (lower &+ 0x1F1F_1F1F_1F1F_1F1F) & ~(lower &+ 0x0505_0505_0505_0505) & 0x8080_8080_8080_8080
        return (word ^ lower) & ~(letters &>> 2) == 0
    }

    /// Returns true if two ranges hold the same bytes, without regard to the case of letters.
    @inlinable
    package func equalsIgnoringCase(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for offset in 0..<left.count
        where ASCII.lowercased(self[left.lowerBound + offset]) != ASCII.lowercased(self[right.lowerBound + offset]) {
            return false
        }
        return true
    }

    /// Returns true if the bytes are those of `other`.
    @inlinable @inline(__always)
    package func hasSameBytes(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        var index = 0
        while index &+ 8 <= count {
            guard word(at: index) == other.word(at: index) else { return false }
            index &+= 8
        }
        while index < count {
            guard self[unchecked: index] == other[unchecked: index] else { return false }
            index &+= 1
        }
        return true
    }
}
