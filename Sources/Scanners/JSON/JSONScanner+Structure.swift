import Bytes

extension JSONScanner {
    /// Takes all of `bytes`. In the states between tokens the byte that is expected is looked for first, white space
    /// last.
    mutating func run(_ bytes: Span<UInt8>) throws(JSONError) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[unchecked: index]
            switch state {
            case .string:
                try scanString(bytes, &index)
                continue
            case .commaOrEnd:
                if byte == ASCII.comma {
                    if awaitingComma != 0 { completeRemovals(at: base &+ index &+ 1) }
                    memberComma = base &+ index
                    state = isInObject ? .key : .value
                } else if !ASCII.isWhitespace(byte) {
                    try close(byte, at: index)
                }
            case .key:
                if byte == ASCII.quote {
                    beginKey(at: index)
                } else if !ASCII.isWhitespace(byte) {
                    throw JSONError(.syntax, at: base + index)
                }
            case .colon:
                if byte == ASCII.colon {
                    state = .value
                } else if !ASCII.isWhitespace(byte) {
                    throw JSONError(.syntax, at: base + index)
                }
            case .value:
                try beginValue(byte, at: index)
            case .keyOrEnd:
                if byte == ASCII.quote {
                    memberComma = -1
                    noteContent()
                    beginKey(at: index)
                } else if !ASCII.isWhitespace(byte) {
                    try close(byte, at: index)
                }
            case .valueOrEnd:
                if byte == ASCII.closingBracket {
                    try close(byte, at: index)
                } else {
                    if !ASCII.isWhitespace(byte) { noteContent() }
                    try beginValue(byte, at: index)
                }
            case .done:
                guard ASCII.isWhitespace(byte) else { throw JSONError(.trailingBytes, at: base + index) }
            case .literal:
                try scanLiteral(bytes, &index)
                continue
            case .character:
                try scanCharacter(bytes, &index)
                continue
            case .escape, .codeUnit, .highSurrogate, .escapeBehindHighSurrogate:
                try scanEscape(bytes, &index)
                continue
            case .numberSign, .numberZero, .numberInteger, .numberPoint, .numberFraction, .numberExponent,
                .numberExponentSign, .numberExponentDigits:
                try scanNumber(bytes, &index)
                continue
            }
            index &+= 1
        }
    }

    @inline(__always)
    private mutating func beginKey(at index: Int) {
        isKey = true
        beginString(at: index, keepingText: wantsKeys, limit: list.longestName)
    }

    @inline(__always)
    private mutating func beginValue(_ byte: UInt8, at index: Int) throws(JSONError) {
        if ASCII.isWhitespace(byte) { return }
        if !isInObject {
            valueMask = elementMask
            memberStart = -1
            if countsElements { frames[depth &- 1].elements &+= 1 }
            if depth == 0 { beginDocument(byte, at: base + index) }
        }
        matched = valueMask == 0 ? 0 : valueMask & list.gauges[depth].terminal
        switch byte {
        case ASCII.quote:
            isKey = false
            beginString(at: index, keepingText: matched != 0, limit: list.captureLimit)
        case ASCII.openingBrace:
            try open(isObject: true, at: index)
        case ASCII.openingBracket:
            try open(isObject: false, at: index)
        case 0x74:
            beginLiteral(.true, at: index)
        case 0x66:
            beginLiteral(.false, at: index)
        case 0x6E:
            beginLiteral(.null, at: index)
        case ASCII.hyphen:
            beginNumber(.numberSign, at: index)
        case ASCII.zero:
            beginNumber(.numberZero, at: index)
        case 0x31...0x39:
            beginNumber(.numberInteger, at: index)
        default:
            throw JSONError(.syntax, at: base + index)
        }
    }

    /// A value is complete.
    @inline(__always)
    mutating func endValue() {
        state = depth == 0 ? .done : .commaOrEnd
    }

    // MARK: Containers

    private mutating func open(isObject: Bool, at index: Int) throws(JSONError) {
        guard depth < depthLimit else { throw JSONError(.tooDeep, at: base + index) }
        let word = depth &>> 6
        let bit: UInt64 = 1 &<< UInt64(depth & 63)
        objectBits[word] = isObject ? objectBits[word] | bit : objectBits[word] & ~bit
        if depth == tracked, valueMask != 0 {
            frames[depth] = Frame(
                candidates: valueMask & ~matched, matched: matched, start: base + index, memberStart: memberStart,
                memberComma: memberComma)
            tracked += 1
            openMeasures |= matched & list.measuring
        }
        depth += 1
        enter(isObject: isObject)
        state = isObject ? .keyOrEnd : .valueOrEnd
    }

    /// Ends the innermost container with `byte`, if that is what ends it.
    private mutating func close(_ byte: UInt8, at index: Int) throws(JSONError) {
        guard byte == (isInObject ? ASCII.closingBrace : ASCII.closingBracket) else {
            throw JSONError(.syntax, at: base + index)
        }
        if awaitingComma != 0 { completeRemovalsOfOnlyMembers() }
        let isEmpty = state == .keyOrEnd || state == .valueOrEnd
        depth -= 1
        if tracked > depth {
            tracked = depth
            endTracked(frames[depth], isEmpty: isEmpty, at: base + index + 1)
        }
        if depth > 0 {
            enter(isObject: (objectBits[(depth - 1) &>> 6] &>> UInt64((depth - 1) & 63)) & 1 == 1)
        } else {
            isInObject = false
        }
        endValue()
    }

    /// The innermost container is now the one at `depth - 1`.
    @inline(__always)
    private mutating func enter(isObject: Bool) {
        isInObject = isObject
        elementMask = 0
        wantsKeys = false
        countsElements = false
        guard tracked == depth else { return }
        if isObject {
            wantsKeys = frames[depth - 1].candidates & list.gauges[depth - 1].members != 0
        } else {
            elementMask = frames[depth - 1].candidates & list.gauges[depth - 1].elements
        }
        countsElements = frames[depth - 1].matched & list.counting != 0
    }
}
