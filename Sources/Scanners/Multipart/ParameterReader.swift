import Bytes

/// Reads a value and its parameters: `token *( ";" name "=" ( token / quoted-string ) )` (RFC 9110, section 5.6.6).
struct ParameterReader {
    enum Step {
        case parameter(name: Range<Int>, ParameterContent)
        case end
        case malformed
    }

    private var position = 0

    init(_ value: Span<UInt8>) {
        skipBlanks(value)
    }

    /// Reads the value before the parameters: a token, or two with a slash. Nil if there is none.
    mutating func readToken(_ value: Span<UInt8>) -> Range<Int>? {
        read(value) { ASCIISet.token.contains($0) || $0 == 0x2F }
    }

    /// Reads the next parameter. `unquoted` returns true for the bytes that its value can have without quotes.
    mutating func next(in value: Span<UInt8>, unquoted: (UInt8) -> Bool) -> Step {
        skipBlanks(value)
        if position == value.count { return .end }
        // Allow empty parameters: a semicolon at the end is common.
        guard value[position] == ASCII.semicolon else { return .malformed }
        while position < value.count, value[position] == ASCII.semicolon {
            position += 1
            skipBlanks(value)
        }
        if position == value.count { return .end }
        guard let name = read(value, while: ASCIISet.token.contains), position < value.count,
            value[position] == ASCII.equals
        else { return .malformed }
        position += 1
        guard position < value.count, value[position] == ASCII.quote else {
            guard let content = read(value, while: unquoted) else { return .malformed }
            return .parameter(name: name, ParameterContent(range: content, isQuoted: false))
        }
        position += 1
        let start = position
        while position < value.count, value[position] != ASCII.quote {
            position += value[position] == ASCII.backslash ? 2 : 1
        }
        guard position < value.count else { return .malformed }
        position += 1
        return .parameter(name: name, ParameterContent(range: start..<position - 1, isQuoted: true))
    }

    private mutating func read(_ value: Span<UInt8>, while belongs: (UInt8) -> Bool) -> Range<Int>? {
        let start = position
        while position < value.count, belongs(value[position]) { position += 1 }
        return position > start ? start..<position : nil
    }

    private mutating func skipBlanks(_ value: Span<UInt8>) {
        while position < value.count, ASCII.isBlank(value[position]) { position += 1 }
    }
}

/// The value of a parameter, as written.
struct ParameterContent {
    /// Its bytes, without the quotes.
    let range: Range<Int>
    let isQuoted: Bool

    /// Returns true for a backslash before other bytes than a quote or a backslash. Some parsers drop it, browsers keep it.
    func isAmbiguous(in value: Span<UInt8>) -> Bool {
        guard isQuoted else { return false }
        var index = range.lowerBound
        while index < range.upperBound {
            if value[index] == ASCII.backslash {
                let next = value[index + 1]
                guard next == ASCII.quote || next == ASCII.backslash else { return true }
                index += 1
            }
            index += 1
        }
        return false
    }

    /// The decoded bytes. Only `\"` and `\\` are escapes. Any other backslash is content, as in a path.
    func decoded(in value: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = range.lowerBound
        while index < range.upperBound {
            if isQuoted, value[index] == ASCII.backslash, index + 1 < range.upperBound,
                value[index + 1] == ASCII.quote || value[index + 1] == ASCII.backslash
            {
                index += 1
            }
            bytes.append(value[index])
            index += 1
        }
        return bytes
    }
}
