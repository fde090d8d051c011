import Bytes

/// Numbers (RFC 8259, section 6) and literals.
extension JSONScanner {
    @inline(__always)
    mutating func beginNumber(_ first: State, at index: Int) {
        tokenStart = base &+ index
        text.begin(at: tokenStart, isWanted: matched != 0, limit: paths.captureLimit)
        state = first
    }

    /// Reads the bytes of a number after the first, which has set the state. Leaves the byte after the number.
    @inline(__always)
    mutating func scanNumber<Values: JSONValueSink>(
        _ bytes: Span<UInt8>, _ index: inout Int, to values: inout Values
    ) throws(JSONError) {
        while index < bytes.count {
            let byte = bytes[unchecked: index]
            switch state {
            case .numberInteger where ASCII.isDigit(byte), .numberFraction where ASCII.isDigit(byte),
                .numberExponentDigits where ASCII.isDigit(byte):
                break
            case .numberSign where byte == ASCII.zero:
                state = .numberZero
            case .numberSign where ASCII.isDigit(byte):
                state = .numberInteger
            case .numberPoint where ASCII.isDigit(byte):
                state = .numberFraction
            case .numberExponent where byte == ASCII.plus || byte == ASCII.hyphen:
                state = .numberExponentSign
            case .numberExponent where ASCII.isDigit(byte), .numberExponentSign where ASCII.isDigit(byte):
                state = .numberExponentDigits
            case .numberZero where byte == ASCII.point, .numberInteger where byte == ASCII.point:
                state = .numberPoint
            case .numberZero where byte | 0x20 == UInt8(ascii: "e"),
                .numberInteger where byte | 0x20 == UInt8(ascii: "e"),
                .numberFraction where byte | 0x20 == UInt8(ascii: "e"):
                state = .numberExponent
            default:
                guard numberCanEnd, !ASCII.isDigit(byte) else { return try beginInfinity(byte, &index) }
                return endNumber(bytes, at: index, to: &values)
            }
            index &+= 1
        }
    }

    /// True if the number is valid when it ends here.
    @inline(__always)
    var numberCanEnd: Bool {
        switch state {
        case .numberZero, .numberInteger, .numberFraction, .numberExponentDigits: true
        default: false
        }
    }

    /// Ends the number before `index`.
    @inline(__always)
    mutating func endNumber<Values: JSONValueSink>(_ bytes: Span<UInt8>, at index: Int, to values: inout Values) {
        values.add(.number, from: tokenStart, to: base &+ index, hasEscapes: false)
        if matched != 0 {
            publish(.number, to: base &+ index)
            capture(bytes, upTo: index)
        }
        endValue()
        text.end()
    }

    // MARK: Literals

    @inline(__always)
    mutating func beginLiteral(_ literal: JSONLiteral, at index: Int) {
        tokenStart = base &+ index
        self.literal = literal
        literalCount = 1
        state = .literal
    }

    /// Begins the word of `-Infinity` after its sign. Throws for any other byte that no number can have here.
    @inline(never)
    private mutating func beginInfinity(_ byte: UInt8, _ index: inout Int) throws(JSONError) {
        guard case .numberSign = state, byte == UInt8(ascii: "I") else {
            throw JSONError(.invalidNumber, at: base + index)
        }
        let start = tokenStart
        text.end()
        beginLiteral(.infinity, at: index)
        tokenStart = start
        index += 1
    }

    /// Reads the bytes of a literal after the first.
    @inline(__always)
    mutating func scanLiteral<Values: JSONValueSink>(
        _ bytes: Span<UInt8>, _ index: inout Int, to values: inout Values
    ) throws(JSONError) {
        let word = literal.text
        while index < bytes.count {
            guard bytes[unchecked: index] == word.utf8Start[literalCount] else {
                throw JSONError(.syntax, at: base + index)
            }
            index &+= 1
            literalCount &+= 1
            if literalCount == word.utf8CodeUnitCount {
                guard literal.isJSON || acceptsNonFinite else { throw JSONError(.nonFiniteNumber, at: tokenStart) }
                values.add(literal.kind, from: tokenStart, to: base &+ index, hasEscapes: false)
                if matched != 0 { publish(literal.kind, to: base &+ index) }
                return endValue()
            }
        }
    }
}
