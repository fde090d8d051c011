import Bytes

/// The decoding of strings in a document that a scanner has accepted.
extension Span<UInt8> {
    /// The text of a string's content, which is valid and without its quotes.
    ///
    /// A lone surrogate, which the grammar allows (RFC 8259, section 8.2), becomes U+FFFD, as in `JSONMatch.text`.
    package func decodedJSONText() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(count)
        var position = 0
        while position < count {
            let end = index(of: ASCII.backslash, from: position)
            output.append(position..<end, of: self)
            position = end + 1
            guard position < count else { break }
            let scalar = escapedScalar(at: &position)
            output.append(
                contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
        }
        return output
    }

    /// The scalar of the escape whose backslash is before `position`, which moves behind the escape.
    private func escapedScalar(at position: inout Int) -> UInt32 {
        guard self[position] == UInt8(ascii: "u") else {
            position += 1
            return JSONScanner.escaped(self[position - 1]) ?? JSONCodeUnit.replacement
        }
        guard let unit = codeUnit(at: position + 1) else {
            position += 1
            return JSONCodeUnit.replacement
        }
        position += 5
        guard unit & 0xFC00 == 0xD800, hasPrefix("\\u", from: position, to: count),
            let low = codeUnit(at: position + 2), low & 0xFC00 == 0xDC00
        else { return unit & 0xF800 == 0xD800 ? JSONCodeUnit.replacement : unit }
        position += 6
        return 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF
    }

    /// The offset of an escape of a high surrogate with which the content of a valid string ends; nil if it ends with another
    /// character.
    package func startOfLastHighSurrogate() -> Int? {
        let start = count - JSONCodeUnit.length
        guard start >= 0, hasPrefix("\\u", from: start, to: count), let unit = codeUnit(at: start + 2),
            unit & 0xFC00 == 0xD800
        else { return nil }
        // An even number of backslashes before it: its own begins an escape.
        var backslashes = 0
        while start - backslashes > 0, self[start - backslashes - 1] == ASCII.backslash { backslashes += 1 }
        return backslashes % 2 == 0 ? start : nil
    }
}

extension Span<UInt8> {
    /// Returns true if the content of a string may have the escape of a surrogate: `\ud800` to `\udfff`.
    package func hasSurrogateEscape() -> Bool {
        var position = index(of: ASCII.backslash, from: 0)
        while position + 2 < count {
            if self[position + 1] == UInt8(ascii: "u"), self[position + 2] | 0x20 == UInt8(ascii: "d") { return true }
            position = index(of: ASCII.backslash, from: position + 2)
        }
        return false
    }
}
