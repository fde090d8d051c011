import Bytes

/// Searches in JSON strings, eight bytes at a time. `Span+Search.swift` in `Bytes` explains why the lowest mark is exact.
extension Span<UInt8> {
    /// The index from `start` of the first quote, backslash, control byte or byte outside ASCII; `count` if there is none.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        precondition(start >= 0)
        var index = start
        // Names, and what is between two escapes, are short: the first word alone ends most searches.
        if index &+ 8 <= count {
            let marks = Self.textMarks(word(at: index))
            if marks != 0 { return index &+ marks.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
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

    /// The index of the quote that ends the plain text at `start`, if it is in the next eight bytes; nil otherwise.
    @inline(__always)
    func endOfName(from start: Int) -> Int? {
        guard start &+ 8 <= count else { return nil }
        let marks = Self.textMarks(word(at: start))
        let end = start &+ marks.trailingZeroBitCount &>> 3
        return marks != 0 && self[unchecked: end] == ASCII.quote ? end : nil
    }

    /// The index from `start` of the first byte that is neither plain text nor in an escape of two characters; `count` if there is
    /// none. `shortEscapes` is the number of those escapes.
    @inline(__always)
    func endOfText(from start: Int) -> (end: Int, shortEscapes: Int) {
        var index = start
        var shortEscapes = 0
        while index < count {
            // Escapes often come in a row. Skip the search then.
            if self[unchecked: index] != ASCII.backslash { index = endOfPlainText(from: index) }
            guard index &+ 1 < count, self[unchecked: index] == ASCII.backslash,
                ASCIISet.shortEscapes.contains(self[unchecked: index &+ 1])
            else { break }
            shortEscapes &+= 1
            index &+= 2
        }
        return (index, shortEscapes)
    }

    /// The length, 2 to 4, of the character of several bytes at `index` (RFC 3629, section 4); 0 if it is invalid or cut.
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

    /// The code unit of four hexadecimal digits at `index`; nil if there are no four digits.
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

    @inline(__always)
    private static func textMarks(_ word: UInt64) -> UInt64 {
        let quotes = word ^ 0x2222_2222_2222_2222
        let backslashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
        // Bytes from 0x80 are marked by their own high bit. The usual complement, which excludes them, is therefore not needed.
        let marks =
            (word &- 0x2020_2020_2020_2020) | (quotes &- 0x0101_0101_0101_0101)
            | (backslashes &- 0x0101_0101_0101_0101) | word
        return marks & 0x8080_8080_8080_8080
    }
}

extension ASCIISet {
    /// The characters that form an escape with a backslash before them, all but `u`.
    fileprivate static var shortEscapes: ASCIISet { ASCIISet(low: 0x0000_8004_0000_0000, high: 0x0014_4044_1000_0000) }
}
