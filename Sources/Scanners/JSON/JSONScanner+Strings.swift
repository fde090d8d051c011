import Bytes

extension JSONScanner {
    @inline(__always)
    mutating func beginString(at index: Int, keepingText: Bool, limit: Int) {
        tokenStart = base &+ index
        runStart = tokenStart &+ 1
        keepsText = keepingText
        heldLimit = limit
        shrinkage = 0
        continuations = 0
        state = .string
    }

    /// Takes the string's content until it ends or something other than plain text interrupts it.
    @inline(__always)
    mutating func scanString(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONError) {
        while index < bytes.count {
            // What is not plain text often comes in a row, and then the search is in vain.
            var byte = bytes[unchecked: index]
            if byte >= ASCII.space, byte < 0x80, byte != ASCII.quote, byte != ASCII.backslash {
                index = bytes.endOfPlainText(from: index &+ 1)
                guard index < bytes.count else { return }
                byte = bytes[unchecked: index]
            }
            if byte == ASCII.quote {
                try endString(bytes, at: index)
                index &+= 1
                return
            }
            if byte == ASCII.backslash {
                if keepsText { hold(bytes, upTo: index) }
                index &+= 1
                if takeWholeEscape(bytes, &index) { continue }
                state = .escape
                return
            }
            guard byte >= 0x80 else { throw JSONError(.controlCharacter, at: base + index) }
            try scanCharacters(bytes, &index)
            if state == .character { return }
        }
    }

    /// Takes all the characters of several bytes that follow each other: in most scripts they seldom come alone.
    @inline(__always)
    private mutating func scanCharacters(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONError) {
        while index < bytes.count, bytes[unchecked: index] >= 0x80 {
            let length = bytes.lengthOfCharacter(at: index)
            if length > 0 {
                continuations &+= length &- 1
                index &+= length
                continue
            }
            // Cut by the end of the piece, or wrong: byte by byte.
            try beginCharacter(bytes[unchecked: index], at: index)
            index &+= 1
            try scanCharacter(bytes, &index)
        }
    }

    private mutating func endString(_ bytes: Span<UInt8>, at index: Int) throws(JSONError) {
        let end = base &+ index
        if isKey {
            try endKey(bytes, at: index)
            state = .colon
        } else {
            if openMeasures | matched & list.measuring != 0 { measure(upTo: end) }
            if matched != 0 {
                publish(.string, from: tokenStart, to: end &+ 1)
                capture(bytes, upTo: index)
            }
            endValue()
        }
        endToken()
    }

    // MARK: Characters of several bytes (RFC 3629, 4)

    private mutating func beginCharacter(_ byte: UInt8, at index: Int) throws(JSONError) {
        nextByteLow = 0x80
        nextByteHigh = 0xBF
        switch byte {
        case 0xC2...0xDF:
            missingBytes = 1
        case 0xE0...0xEF:
            missingBytes = 2
            // Neither overlong forms nor surrogates.
            if byte == 0xE0 { nextByteLow = 0xA0 }
            if byte == 0xED { nextByteHigh = 0x9F }
        case 0xF0...0xF4:
            missingBytes = 3
            // Neither overlong forms nor what is beyond U+10FFFF.
            if byte == 0xF0 { nextByteLow = 0x90 }
            if byte == 0xF4 { nextByteHigh = 0x8F }
        default:
            throw JSONError(.invalidUTF8, at: base + index)
        }
        continuations &+= missingBytes
    }

    mutating func scanCharacter(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONError) {
        while missingBytes > 0 {
            guard index < bytes.count else {
                state = .character
                return
            }
            let byte = bytes[unchecked: index]
            guard nextByteLow <= byte, byte <= nextByteHigh else { throw JSONError(.invalidUTF8, at: base + index) }
            nextByteLow = 0x80
            nextByteHigh = 0xBF
            missingBytes &-= 1
            index &+= 1
        }
        state = .string
    }

    // MARK: Escapes

    /// Takes an escape, of which the backslash has been taken, if all of it is there and it is no surrogate.
    @inline(__always)
    private mutating func takeWholeEscape(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        guard index < bytes.count else { return false }
        let byte = bytes[unchecked: index]
        if byte == 0x75 {
            guard let unit = bytes.codeUnit(at: index &+ 1), unit & 0xF800 != 0xD800 else { return false }
            take(unit, writtenWith: 6)
            index &+= 5
        } else {
            guard let scalar = Self.escaped(byte) else { return false }
            take(scalar, writtenWith: 2)
            index &+= 1
        }
        runStart = base &+ index
        return true
    }

    /// Takes one byte of an escape. Between the backslash and the end of the escape no run is open.
    mutating func scanEscape(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONError) {
        let byte = bytes[unchecked: index]
        switch state {
        case .highSurrogate:
            if byte == ASCII.backslash {
                state = .escapeBehindHighSurrogate
                index &+= 1
            } else {
                takeLoneSurrogate()
                runStart = base &+ index
                state = .string
            }
        case .codeUnit:
            guard let digit = Hexadecimal.value(of: byte) else { throw JSONError(.invalidEscape, at: base + index) }
            codeUnit = codeUnit &<< 4 | UInt32(digit)
            codeUnitDigits &+= 1
            index &+= 1
            if codeUnitDigits == 4 { endCodeUnit(behind: index) }
        default:
            if byte == 0x75 {
                codeUnit = 0
                codeUnitDigits = 0
                if state == .escape { highSurrogate = 0 }
                state = .codeUnit
                index &+= 1
                return
            }
            if state == .escapeBehindHighSurrogate { takeLoneSurrogate() }
            guard let scalar = Self.escaped(byte) else { throw JSONError(.invalidEscape, at: base + index) }
            take(scalar, writtenWith: 2)
            index &+= 1
            continueString(at: index)
        }
    }

    private static func escaped(_ byte: UInt8) -> UInt32? {
        switch byte {
        case ASCII.quote, ASCII.backslash, 0x2F: UInt32(byte)
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: nil
        }
    }

    /// The four digits are complete; `index` is behind them.
    private mutating func endCodeUnit(behind index: Int) {
        let isLow = codeUnit & 0xFC00 == 0xDC00
        if highSurrogate != 0 {
            if isLow {
                take(0x10000 + (highSurrogate & 0x3FF) << 10 + codeUnit & 0x3FF, writtenWith: 12)
                return continueString(at: index)
            }
            takeLoneSurrogate()
        }
        if codeUnit & 0xFC00 == 0xD800 {
            highSurrogate = codeUnit
            state = .highSurrogate
            return
        }
        take(isLow ? 0xFFFD : codeUnit, writtenWith: 6)
        continueString(at: index)
    }

    /// A high surrogate that no low one follows.
    private mutating func takeLoneSurrogate() {
        take(0xFFFD, writtenWith: 6)
    }

    private mutating func continueString(at index: Int) {
        runStart = base &+ index
        state = .string
    }

    /// Takes an escaped `scalar` that was written with that many bytes.
    private mutating func take(_ scalar: UInt32, writtenWith length: Int) {
        let size = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
        shrinkage &+= length &- size
        continuations &+= size &- 1
        guard keepsText else { return }
        guard held.count + size <= heldLimit else { return giveUpText() }
        isHeld = true
        switch size {
        case 1:
            held.append(UInt8(truncatingIfNeeded: scalar))
        case 2:
            held.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
        case 3:
            held.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
        default:
            held.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
            held.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12) & 0x3F)
        }
        if size >= 3 { held.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6) & 0x3F) }
        if size >= 2 { held.append(0x80 | UInt8(truncatingIfNeeded: scalar) & 0x3F) }
    }
}
