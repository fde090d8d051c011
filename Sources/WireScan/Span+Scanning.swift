/// Searches that take eight bytes at a time, or characters and code units whole. In all of the searches a borrow of the
/// subtraction can only mark bytes above a true match, so that the lowest mark is exact. The bounds are checked once
/// for the whole range.
extension Span<UInt8> {
    /// The first byte at or behind `start` that a JSON string does not simply hold: a quote, a backslash, a control
    /// byte, or one outside ASCII; `count` if there is none.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        precondition(start >= 0)
        var index = start
        while index &+ 32 <= count {
            let first = Self.textMarks(word(at: index))
            let second = Self.textMarks(word(at: index &+ 8))
            let third = Self.textMarks(word(at: index &+ 16))
            let fourth = Self.textMarks(word(at: index &+ 24))
            if first | second | third | fourth != 0 {
                if first != 0 { return index &+ first.trailingZeroBitCount &>> 3 }
                if second != 0 { return index &+ 8 &+ second.trailingZeroBitCount &>> 3 }
                if third != 0 { return index &+ 16 &+ third.trailingZeroBitCount &>> 3 }
                return index &+ 24 &+ fourth.trailingZeroBitCount &>> 3
            }
            index &+= 32
        }
        while index &+ 8 <= count {
            let marks = Self.textMarks(word(at: index))
            if marks != 0 { return index &+ marks.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        while index < count {
            let byte = self[unchecked: index]
            if byte < 0x20 || byte >= 0x80 || byte == ASCII.quote || byte == ASCII.backslash { return index }
            index &+= 1
        }
        return count
    }

    /// The length of the character of several bytes that begins at `index` (RFC 3629, 4), 2 to 4; 0 where it is none or
    /// not all of it is there.
    @inline(__always)
    func lengthOfCharacter(at index: Int) -> Int {
        let first = UInt32(self[unchecked: index])
        let left = count &- index
        guard left >= 2 else { return 0 }
        let second = UInt32(self[unchecked: index &+ 1])
        if first < 0xE0 {
            return first >= 0xC2 && second & 0xC0 == 0x80 ? 2 : 0
        }
        guard left >= 3 else { return 0 }
        let third = UInt32(self[unchecked: index &+ 2])
        guard second & 0xC0 == 0x80, third & 0xC0 == 0x80 else { return 0 }
        if first < 0xF0 {
            let scalar = (first & 0x0F) &<< 12 | (second & 0x3F) &<< 6
            return scalar >= 0x800 && scalar & 0xF800 != 0xD800 ? 3 : 0
        }
        guard left >= 4, first < 0xF5, self[unchecked: index &+ 3] & 0xC0 == 0x80 else { return 0 }
        let plane = (first & 0x07) &<< 2 | (second & 0x30) &>> 4
        return 1...16 ~= plane ? 4 : 0
    }

    /// The code unit that four hexadecimal digits at `index` spell; nil where they do not, or are not all there.
    @inline(__always)
    func codeUnit(at index: Int) -> UInt32? {
        guard count &- index >= 4 else { return nil }
        var unit: UInt32 = 0
        var isValid = true
        for offset in 0..<4 {
            let byte = self[unchecked: index &+ offset]
            let digit = byte &- 0x30
            let letter = (byte | 0x20) &- 0x61
            isValid = isValid && (digit < 10 || letter < 6)
            unit = unit &<< 4 | UInt32(digit < 10 ? digit : letter &+ 10)
        }
        return isValid ? unit : nil
    }

    /// The first `byte` at or behind `start`, or `count`.
    @inline(__always)
    func index(of byte: UInt8, from start: Int) -> Int {
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

    /// The first LF or CR at or behind `start`, or `count`.
    @inline(__always)
    func indexOfLineEnd(from start: Int) -> Int {
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

    /// Whether the bytes from `start` on begin with `expected`.
    @inline(__always)
    func hasPrefix(_ expected: StaticString, from start: Int, to end: Int) -> Bool {
        let length = expected.utf8CodeUnitCount
        guard end - start >= length else { return false }
        for offset in 0..<length where self[start + offset] != expected.utf8Start[offset] { return false }
        return true
    }

    /// Whether the bytes are those of `other`.
    @inline(__always)
    func hasSameBytes(as other: Span<UInt8>) -> Bool {
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

    @inline(__always)
    private func word(at index: Int) -> UInt64 {
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
    }

    /// The high bit of every byte that is zero.
    @inline(__always)
    private static func zeroMarks(_ word: UInt64) -> UInt64 {
        (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
    }

    @inline(__always)
    private static func textMarks(_ word: UInt64) -> UInt64 {
        let quotes = word ^ 0x2222_2222_2222_2222
        let backslashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
        // A byte of 0x80 and above is marked by its own high bit, so the complements need not keep it out.
        let marks =
            (word &- 0x2020_2020_2020_2020) | (quotes &- 0x0101_0101_0101_0101)
            | (backslashes &- 0x0101_0101_0101_0101) | word
        return marks & 0x8080_8080_8080_8080
    }
}

extension [UInt8] {
    /// Appends `range` of `span`. `Array` has no such call for spans yet.
    @inline(__always)
    mutating func append(_ range: Range<Int>, of span: Span<UInt8>) {
        span.extracting(range).withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// The bytes of `range` of `span`.
    init(_ range: Range<Int>, of span: Span<UInt8>) {
        self = span.extracting(range).withUnsafeBufferPointer { [UInt8]($0) }
    }
}
