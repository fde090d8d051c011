import Bytes

/// Strings (RFC 8259, section 7).
extension JSONScanner {
    @inline(__always)
    mutating func beginString(at index: Int, keepingText: Bool, limit: Int) {
        tokenStart = base &+ index
        text.begin(at: tokenStart &+ 1, isWanted: keepingText, limit: limit)
        length = JSONStringLength()
        state = .string
    }

    /// Reads the string's content to its end, or to a character or escape that the piece cuts.
    @inline(never)
    mutating func scanString<Values: JSONValueSink>(
        _ bytes: Span<UInt8>, _ index: inout Int, to values: inout Values
    ) throws(JSONError) {
        while index < bytes.count {
            if text.isWanted {
                index = bytes.endOfPlainText(from: index)
            } else {
                let skipped = bytes.endOfText(from: index)
                index = skipped.end
                length.addShortEscapes(skipped.shortEscapes)
            }
            guard index < bytes.count else { return }
            let byte = bytes[unchecked: index]
            if byte == ASCII.quote {
                try endString(bytes, at: index, to: &values)
                index &+= 1
                return
            }
            if byte == ASCII.backslash {
                if text.isWanted { text.gather(bytes, upTo: index, base: base) }
                index &+= 1
                if scanWholeEscape(bytes, &index) { continue }
                state = .escape
                return
            }
            guard byte >= 0x80 else { throw JSONError(.controlCharacter, at: base + index) }
            if isKey, text.isWanted { gatherKey(bytes, upTo: index) }
            try scanCharacters(bytes, &index)
            if state == .character { return }
        }
    }

    /// Gathers a key that is not ASCII, since `endKey` looks for other spellings only in gathered ones.
    @inline(never)
    private mutating func gatherKey(_ bytes: Span<UInt8>, upTo index: Int) {
        text.gather(bytes, upTo: index, base: base)
        text.beginRun(at: base + index)
    }

    @inline(__always)
    mutating func endString<Values: JSONValueSink>(
        _ bytes: Span<UInt8>, at index: Int, to values: inout Values
    ) throws(JSONError) {
        values.add(.string, from: tokenStart, to: base &+ index &+ 1, hasEscapes: length.hasEscapes)
        if isKey {
            try endKey(bytes, at: index)
            state = .colon
        } else {
            if openMeasures | matched != 0 { recordString(bytes, at: index) }
            endValue()
        }
    }

    /// Measures and publishes the current value, which ends before `index`, for the paths that it matches.
    @inline(never)
    private mutating func recordString(_ bytes: Span<UInt8>, at index: Int) {
        let end = base &+ index
        if measures != 0 { measure(upTo: end) }
        if matched != 0 {
            publish(.string, to: end &+ 1)
            capture(bytes, upTo: index)
            text.end()
        }
    }

    /// Gathers the wanted part of a token that the end of the piece cuts.
    mutating func gatherRest(of bytes: Span<UInt8>) {
        switch state {
        // Between the backslash and the end of an escape there is no run.
        case .escape, .codeUnit, .highSurrogate, .escapeAfterHighSurrogate: return
        default: break
        }
        text.gather(bytes, upTo: bytes.count, base: base)
        text.beginRun(at: base + bytes.count)
    }

    // MARK: Characters of several bytes

    /// Reads all characters of several bytes that follow each other. In most scripts they seldom come alone.
    @inline(__always)
    private mutating func scanCharacters(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONError) {
        while index < bytes.count, bytes[unchecked: index] >= 0x80 {
            let count = bytes.lengthOfCharacter(at: index)
            if count > 0 {
                length.addCharacter(continuations: count &- 1)
                index &+= count
                continue
            }
            // The character is cut by the end of the piece, or wrong: read it byte by byte.
            guard character.begin(bytes[unchecked: index]) else { throw JSONError(.invalidUTF8, at: base + index) }
            length.addCharacter(continuations: character.missingBytes)
            index &+= 1
            try scanCharacter(bytes, &index)
        }
    }

    /// Reads the missing bytes of a character.
    mutating func scanCharacter(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONError) {
        while character.missingBytes > 0 {
            guard index < bytes.count else {
                state = .character
                return
            }
            guard character.add(bytes[unchecked: index]) else { throw JSONError(.invalidUTF8, at: base + index) }
            index &+= 1
        }
        state = .string
    }

    // MARK: Escapes

    /// Reads an escape after its backslash, if the piece has all of it and it is no surrogate. Returns false otherwise.
    @inline(__always)
    private mutating func scanWholeEscape(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        guard index < bytes.count else { return false }
        let byte = bytes[unchecked: index]
        if byte == UInt8(ascii: "u") {
            guard let unit = bytes.codeUnit(at: index &+ 1), unit & 0xF800 != 0xD800 else { return false }
            addEscape(of: unit, written: JSONCodeUnit.length)
            index &+= 5
        } else {
            // What two characters encode is ASCII.
            guard let scalar = Self.escaped(byte) else { return false }
            length.addEscape(written: 2, size: 1)
            if text.isWanted { text.gather(scalar, size: 1) }
            index &+= 1
        }
        text.beginRun(at: base &+ index)
        return true
    }

    /// Reads one byte of an escape.
    mutating func scanEscape(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONError) {
        let byte = bytes[unchecked: index]
        switch state {
        case .highSurrogate:
            if byte == ASCII.backslash {
                state = .escapeAfterHighSurrogate
                index &+= 1
            } else {
                addLoneSurrogate()
                continueString(at: index)
            }
        case .codeUnit:
            guard let digit = Hexadecimal.value(of: byte) else { throw JSONError(.invalidEscape, at: base + index) }
            index &+= 1
            if codeUnit.add(digit) { endCodeUnit(at: index) }
        default:
            if byte == UInt8(ascii: "u") {
                codeUnit.begin(isAfterHighSurrogate: state == .escapeAfterHighSurrogate)
                state = .codeUnit
                index &+= 1
                return
            }
            if state == .escapeAfterHighSurrogate { addLoneSurrogate() }
            guard let scalar = Self.escaped(byte) else { throw JSONError(.invalidEscape, at: base + index) }
            addEscape(of: scalar, written: 2)
            index &+= 1
            continueString(at: index)
        }
    }

    /// The scalar that a backslash and `byte` encode; nil if they are no escape.
    static func escaped(_ byte: UInt8) -> UInt32? {
        switch byte {
        case ASCII.quote, ASCII.backslash, ASCII.slash: UInt32(byte)
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }

    /// Ends a code unit. `index` is that of the byte after its four digits.
    private mutating func endCodeUnit(at index: Int) {
        let (meaning, isAfterLoneSurrogate) = codeUnit.complete()
        if isAfterLoneSurrogate { addLoneSurrogate() }
        switch meaning {
        case .highSurrogate: state = .highSurrogate
        case .scalar(let scalar, let written):
            addEscape(of: scalar, written: written)
            continueString(at: index)
        }
    }

    /// Adds U+FFFD for a high surrogate without a low one.
    private mutating func addLoneSurrogate() {
        addEscape(of: JSONCodeUnit.replacement, written: JSONCodeUnit.length)
    }

    private mutating func continueString(at index: Int) {
        text.beginRun(at: base &+ index)
        state = .string
    }

    /// Adds `scalar`, which is written as an escape of `written` bytes, to the text and its length.
    private mutating func addEscape(of scalar: UInt32, written: Int) {
        let size = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
        length.addEscape(written: written, size: size)
        if text.isWanted { text.gather(scalar, size: size) }
    }
}
