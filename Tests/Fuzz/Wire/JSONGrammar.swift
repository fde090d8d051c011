import Fuzzing

/// The grammar of JSON (RFC 8259), read by recursive descent: slow, obvious, and independent of the scanner.
struct JSONGrammar {
    private struct Invalid: Error {}
    /// Words that Python writes for numbers that JSON does not have.
    private struct PythonNumber: Error {}

    private let bytes: [UInt8]
    private let limit: Int
    private var index = 0

    private init(_ bytes: [UInt8], _ limit: Int) {
        self.bytes = bytes
        self.limit = limit
    }

    /// Returns whether `bytes` are a document, perhaps after a byte-order mark; nil where that depends on words like `NaN`.
    static func accepts(_ bytes: Span<UInt8>, depth limit: Int) -> Bool? {
        var grammar = JSONGrammar(bytes.array, limit)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { grammar.index = 3 }
        do {
            try grammar.value(depth: 0)
            grammar.skipSpace()
            return grammar.index == bytes.count
        } catch is PythonNumber {
            return nil
        } catch {
            return false
        }
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skips(_ scalar: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: scalar) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ text: StaticString) throws {
        for byte in text.description.utf8 { guard skips(Unicode.Scalar(byte)) else { throw Invalid() } }
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }

    private mutating func value(depth: Int) throws {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): try object(depth: depth + 1)
        case UInt8(ascii: "["): try array(depth: depth + 1)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try expect("true")
        case UInt8(ascii: "f"): try expect("false")
        case UInt8(ascii: "n"): try expect("null")
        case UInt8(ascii: "N"), UInt8(ascii: "I"): throw PythonNumber()
        default: try number()
        }
    }

    private mutating func object(depth: Int) throws {
        guard depth <= limit else { throw Invalid() }
        try expect("{")
        skipSpace()
        if skips("}") { return }
        while true {
            skipSpace()
            try string()
            skipSpace()
            try expect(":")
            try value(depth: depth)
            skipSpace()
            if skips("}") { return }
            try expect(",")
        }
    }

    private mutating func array(depth: Int) throws {
        guard depth <= limit else { throw Invalid() }
        try expect("[")
        skipSpace()
        if skips("]") { return }
        while true {
            try value(depth: depth)
            skipSpace()
            if skips("]") { return }
            try expect(",")
        }
    }

    private mutating func number() throws {
        if skips("-"), next == UInt8(ascii: "I") { throw PythonNumber() }
        if !skips("0") { try digits() }
        if skips(".") { try digits() }
        if skips("e") || skips("E") {
            if !skips("+") { _ = skips("-") }
            try digits()
        }
    }

    private mutating func digits() throws {
        guard let byte = next, (0x30...0x39).contains(byte) else { throw Invalid() }
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
    }

    private mutating func string() throws {
        try expect("\"")
        while true {
            guard let byte = next, byte >= 0x20 else { throw Invalid() }
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return
            case UInt8(ascii: "\\"): try escape()
            case ..<0x80: index += 1
            default: try character(byte)
            }
        }
    }

    private mutating func escape() throws {
        index += 1
        guard let byte = next else { throw Invalid() }
        index += 1
        if byte == UInt8(ascii: "u") {
            for _ in 0..<4 {
                guard let digit = next, Character(Unicode.Scalar(digit)).isHexDigit else { throw Invalid() }
                index += 1
            }
        } else if !#""\/bfnrt"#.utf8.contains(byte) {
            throw Invalid()
        }
    }

    /// One character of several bytes, as the standard library reads UTF-8.
    private mutating func character(_ first: UInt8) throws {
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard index + length <= bytes.count else { throw Invalid() }
        let text = String(validating: bytes[index..<index + length], as: UTF8.self)
        guard let text, text.unicodeScalars.count == 1 else { throw Invalid() }
        index += length
    }
}
