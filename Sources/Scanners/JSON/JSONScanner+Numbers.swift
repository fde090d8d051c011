import Bytes

extension JSONScanner {
    // MARK: Numbers (RFC 8259, 6)

    @inline(__always)
    mutating func beginNumber(_ first: State, at index: Int) {
        tokenStart = base &+ index
        runStart = tokenStart
        keepsText = matched != 0
        heldLimit = list.captureLimit
        state = first
    }

    /// Takes the number's bytes, the first of which set the state. What ends it is left.
    @inline(__always)
    mutating func scanNumber(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONError) {
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
            case .numberZero where byte | 0x20 == 0x65, .numberInteger where byte | 0x20 == 0x65,
                .numberFraction where byte | 0x20 == 0x65:
                state = .numberExponent
            default:
                guard numberCanEnd, !ASCII.isDigit(byte) else { throw JSONError(.invalidNumber, at: base + index) }
                return endNumber(bytes, at: index)
            }
            index &+= 1
        }
    }

    /// The number is one if it ends here.
    @inline(__always)
    var numberCanEnd: Bool {
        switch state {
        case .numberZero, .numberInteger, .numberFraction, .numberExponentDigits: true
        default: false
        }
    }

    /// The number ends before `index`.
    @inline(__always)
    mutating func endNumber(_ bytes: Span<UInt8>, at index: Int) {
        if matched != 0 {
            publish(.number, from: tokenStart, to: base &+ index)
            capture(bytes, upTo: index)
        }
        endValue()
        endToken()
    }

    // MARK: true, false, null

    @inline(__always)
    mutating func beginLiteral(_ kind: JSONKind, at index: Int) {
        tokenStart = base &+ index
        literalKind = kind
        literalIndex = 1
        state = .literal
    }

    @inline(__always)
    mutating func scanLiteral(_ bytes: Span<UInt8>, _ index: inout Int) throws(JSONError) {
        let literal: StaticString =
            switch literalKind {
            case .true: "true"
            case .false: "false"
            default: "null"
            }
        while index < bytes.count {
            guard bytes[unchecked: index] == literal.utf8Start[literalIndex] else {
                throw JSONError(.syntax, at: base + index)
            }
            index &+= 1
            literalIndex &+= 1
            if literalIndex == literal.utf8CodeUnitCount {
                if matched != 0 { publish(literalKind, from: tokenStart, to: base &+ index) }
                return endValue()
            }
        }
    }
}
