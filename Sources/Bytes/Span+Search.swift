/// Searches that examine eight bytes at a time.
///
/// The subtractions can borrow, which marks wrong bytes only above a true match. The lowest mark is therefore exact. Bounds are
/// checked once for the whole range.
extension Span<UInt8> {
    /// The first control byte (below the space, or DEL) in `start..<end`, or `end`.
    ///
    /// This is the whole validation of header values, the largest part of a head.
    @inlinable @inline(__always)
    package func indexOfControl(from start: Int, to end: Int) -> Int {
        precondition(0 <= start && end <= count)
        var index = start
        while index &+ 8 <= end {
            let word = word(at: index)
            let below = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
            let found = below | Self.zeroMarks(word ^ 0x7F7F_7F7F_7F7F_7F7F)
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
    @inlinable @inline(__always)
    package func index(after set: ASCIISet, from start: Int) -> Int {
        precondition(start >= 0)
        var index = start
        while index < count, set.contains(self[unchecked: index]) { index &+= 1 }
        return index
    }

    /// The first `byte` at or after `start`, or `count`.
    @inlinable @inline(__always)
    package func index(of byte: UInt8, from start: Int) -> Int {
        precondition(start >= 0)
        let pattern = UInt64(byte) &* 0x0101_0101_0101_0101
        var index = start
        while index &+ 32 <= count {
            let marks =
                Self.zeroMarks(word(at: index) ^ pattern) | Self.zeroMarks(word(at: index &+ 8) ^ pattern)
                | Self.zeroMarks(word(at: index &+ 16) ^ pattern) | Self.zeroMarks(word(at: index &+ 24) ^ pattern)
            if marks != 0 { break }
            index &+= 32
        }
        while index &+ 8 <= count {
            let marks = Self.zeroMarks(word(at: index) ^ pattern)
            if marks != 0 { return index &+ marks.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < count, self[unchecked: index] != byte { index &+= 1 }
        return Swift.min(index, count)
    }

    /// The first LF or CR at or after `start`, or `count`.
    @inlinable @inline(__always)
    package func indexOfLineEnd(from start: Int) -> Int {
        precondition(start >= 0)
        var index = start
        while index &+ 8 <= count {
            let word = word(at: index)
            let marks =
                Self.zeroMarks(word ^ 0x0A0A_0A0A_0A0A_0A0A) | Self.zeroMarks(word ^ 0x0D0D_0D0D_0D0D_0D0D)
            if marks != 0 { return index &+ marks.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < count {
            let byte = self[unchecked: index]
            if byte == ASCII.lineFeed || byte == ASCII.carriageReturn { return index }
            index &+= 1
        }
        return Swift.min(index, count)
    }

    /// Returns true if `condition` holds for every byte.
    @inlinable @inline(__always)
    package func allSatisfy(_ condition: (UInt8) -> Bool) -> Bool {
        for index in 0..<count where !condition(self[unchecked: index]) { return false }
        return true
    }

    /// Eight bytes from `index` as a little-endian word. The caller must check the bounds.
    @inlinable @inline(__always)
    package func word(at index: Int) -> UInt64 {
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
    }

    /// A word with the high bit set in every byte of `word` that is zero. Exact up to the lowest such byte.
    @inlinable @inline(__always)
    package static func zeroMarks(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    /// `range` without spaces and tabs at its ends (OWS of RFC 9110, section 5.6.3).
    @inlinable @inline(__always)
    package func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, ASCII.isBlank(self[start]) { start &+= 1 }
        while start < end, ASCII.isBlank(self[end &- 1]) { end &-= 1 }
        return start..<end
    }
}
