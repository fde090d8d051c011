import Bytes

/// The grammar of documents, objects and arrays (RFC 8259, sections 2 to 5).
extension JSONScanner {
    /// Reads all of `bytes`. Between tokens it tests for the expected byte first and for white space last.
    mutating func run<Values: JSONValueSink>(_ bytes: Span<UInt8>, to values: inout Values) throws(JSONError) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[unchecked: index]
            switch state {
            case .string:
                if let end = bytes.endOfName(from: index) {
                    try endString(bytes, at: end, to: &values)
                    index = end
                } else {
                    try scanString(bytes, &index, to: &values)
                    continue
                }
            case .commaOrEnd:
                if byte == ASCII.comma {
                    if matches.awaitsComma { matches.completeRemovals(at: base &+ index &+ 1) }
                    member.comma = base &+ index
                    state = containers.isInObject ? .key : .value
                } else {
                    try scanEnd(byte, at: index, to: &values)
                }
            case .key:
                if byte == ASCII.quote { beginKey(at: index) } else { try scanSpace(byte, at: index, .syntax) }
            case .colon:
                if byte == ASCII.colon { state = .value } else { try scanSpace(byte, at: index, .syntax) }
            case .value:
                try beginValue(byte, at: index, to: &values)
            case .keyOrEnd:
                if byte == ASCII.quote {
                    member.comma = -1
                    noteContent()
                    beginKey(at: index)
                } else {
                    try scanEnd(byte, at: index, to: &values)
                }
            case .valueOrEnd:
                if byte == ASCII.closingBracket {
                    try close(byte, at: index, to: &values)
                } else {
                    if !ASCII.isWhitespace(byte) { noteContent() }
                    try beginValue(byte, at: index, to: &values)
                }
            case .done:
                try scanSpace(byte, at: index, .trailingBytes)
            case .byteOrderMark:
                try scanMark(byte, at: index)
            case .literal:
                try scanLiteral(bytes, &index, to: &values)
                continue
            case .character:
                try scanCharacter(bytes, &index)
                continue
            case .escape, .codeUnit, .highSurrogate, .escapeAfterHighSurrogate:
                try scanEscape(bytes, &index)
                continue
            case .numberSign, .numberZero, .numberInteger, .numberPoint, .numberFraction, .numberExponent,
                .numberExponentSign, .numberExponentDigits:
                try scanNumber(bytes, &index, to: &values)
                continue
            }
            index &+= 1
        }
    }

    /// Reads white space. Throws an error of `kind` for other bytes.
    @inline(__always)
    private func scanSpace(_ byte: UInt8, at index: Int, _ kind: JSONError.Kind) throws(JSONError) {
        guard ASCII.isWhitespace(byte) else { throw JSONError(kind, at: base + index) }
    }

    /// Reads white space, or the closing bracket of the innermost container.
    @inline(__always)
    private mutating func scanEnd<Values: JSONValueSink>(
        _ byte: UInt8, at index: Int, to values: inout Values
    ) throws(JSONError) {
        if !ASCII.isWhitespace(byte) { try close(byte, at: index, to: &values) }
    }

    @inline(__always)
    private mutating func beginKey(at index: Int) {
        isKey = true
        beginString(at: index, keepingText: containers.wantsKeys, limit: paths.longestName)
    }

    @inline(__always)
    private mutating func beginValue<Values: JSONValueSink>(
        _ byte: UInt8, at index: Int, to values: inout Values
    ) throws(JSONError) {
        if ASCII.isWhitespace(byte) { return }
        if !containers.isInObject {
            valuePaths = containers.elementPaths
            member.start = -1
            containers.countElement()
            if containers.depth == 0 { beginDocument(byte, at: base + index) }
        }
        matched = valuePaths == 0 ? 0 : valuePaths & paths.levels[containers.depth].terminal
        switch byte {
        case ASCII.quote:
            isKey = false
            beginString(at: index, keepingText: matched != 0, limit: paths.captureLimit)
        case ASCII.openingBrace:
            try open(isObject: true, at: index, to: &values)
        case ASCII.openingBracket:
            try open(isObject: false, at: index, to: &values)
        case UInt8(ascii: "t"):
            beginLiteral(.true, at: index)
        case UInt8(ascii: "f"):
            beginLiteral(.false, at: index)
        case UInt8(ascii: "n"):
            beginLiteral(.null, at: index)
        case ASCII.hyphen:
            beginNumber(.numberSign, at: index)
        case ASCII.zero:
            beginNumber(.numberZero, at: index)
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            beginNumber(.numberInteger, at: index)
        default:
            try beginUnusualValue(byte, at: index)
        }
    }

    /// Begins a word that JSON does not have, or the byte order mark before the document.
    @inline(never)
    private mutating func beginUnusualValue(_ byte: UInt8, at index: Int) throws(JSONError) {
        switch byte {
        case UInt8(ascii: "N"): beginLiteral(.notANumber, at: index)
        case UInt8(ascii: "I"): beginLiteral(.infinity, at: index)
        case ByteOrderMark.byte(at: 0) where base + index == 0: state = .byteOrderMark
        default: throw JSONError(.syntax, at: base + index)
        }
    }

    private mutating func scanMark(_ byte: UInt8, at index: Int) throws(JSONError) {
        let offset = base + index
        guard byte == ByteOrderMark.byte(at: offset) else { throw JSONError(.syntax, at: offset) }
        if offset == ByteOrderMark.length - 1 { state = .value }
    }

    /// Ends the current value.
    @inline(__always)
    mutating func endValue() {
        state = containers.depth == 0 ? .done : .commaOrEnd
    }

    private mutating func open<Values: JSONValueSink>(
        isObject: Bool, at index: Int, to values: inout Values
    ) throws(JSONError) {
        try checkDepth(at: index)
        values.open(isObject ? .object : .array, at: base + index)
        let frame = JSONContainers.Frame(
            candidates: valuePaths & ~matched, matched: matched, start: base + index, member: member)
        if containers.open(isObject: isObject, frame, reaching: valuePaths, in: paths) {
            openMeasures |= matched & paths.measuring
        }
        state = isObject ? .keyOrEnd : .valueOrEnd
    }

    /// Closes the innermost container, if `byte` is its closing bracket.
    private mutating func close<Values: JSONValueSink>(
        _ byte: UInt8, at index: Int, to values: inout Values
    ) throws(JSONError) {
        let isObject = containers.isInObject
        guard byte == (isObject ? ASCII.closingBrace : ASCII.closingBracket) else {
            throw JSONError(.syntax, at: base + index)
        }
        if matches.awaitsComma { matches.completeRemovalsOfOnlyMembers() }
        let isEmpty = state == .keyOrEnd || state == .valueOrEnd
        if let frame = containers.close(in: paths) {
            endContainer(isObject ? .object : .array, frame, isEmpty: isEmpty, at: base + index + 1)
        }
        values.close(at: base + index + 1)
        endValue()
    }
}
