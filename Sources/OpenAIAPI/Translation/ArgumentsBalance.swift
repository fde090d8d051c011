import Bytes

/// Follows the brackets of a JSON object that comes in pieces, to see where it ends.
struct ArgumentsBalance {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    /// The outermost bracket has been closed.
    private(set) var isComplete = false

    /// Reads the next bytes.
    mutating func add(_ bytes: Span<UInt8>) {
        guard !isComplete else { return }
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == ASCII.backslash {
                    isEscaped = true
                } else if byte == ASCII.quote {
                    isInString = false
                }
                continue
            }
            switch byte {
            case ASCII.quote: isInString = true
            case ASCII.openingBrace, ASCII.openingBracket: depth += 1
            case ASCII.closingBrace, ASCII.closingBracket:
                depth -= 1
                if depth <= 0 {
                    isComplete = true
                    return
                }
            default: break
            }
        }
    }
}
