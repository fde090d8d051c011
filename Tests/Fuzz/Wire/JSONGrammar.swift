import Fuzzing

/// The grammar of JSON (RFC 8259), read by recursive descent: obvious, and independent of the scanner.
struct JSONGrammar {
    private enum Refusal: Error {
        case invalid
        /// Words that Python writes for numbers that JSON does not have.
        case pythonNumber
    }

    /// Sound: `accepts` lends the bytes for as long as the value exists, and `next` alone reads them.
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limit: Int
    private var index = 0
    private var isASCII = true

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ limit: Int) {
        self.bytes = bytes
        self.limit = limit
    }

    /// Returns whether `bytes` are a document, perhaps after a byte-order mark; nil where that depends on words like `NaN`.
    static func accepts(_ bytes: Span<UInt8>, depth limit: Int) -> Bool? {
        bytes.withUnsafeBufferPointer { bytes in
            var grammar = JSONGrammar(bytes, limit)
            let accepts = grammar.document()
            if accepts == false || grammar.isASCII { return accepts }
            // Characters of several bytes stand in strings only, and are those that the standard library reads.
            return String(validating: bytes, as: UTF8.self) == nil ? false : accepts
        }
    }

    private mutating func document() -> Bool? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        do throws(Refusal) {
            try value(depth: 0)
            skipSpace()
            return index == bytes.count
        } catch {
            return error == .pythonNumber ? nil : false
        }
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skips(_ scalar: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: scalar) else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws(Refusal) {
        guard skips(scalar) else { throw .invalid }
    }

    private mutating func expect(word: StaticString) throws(Refusal) {
        for offset in 0..<word.utf8CodeUnitCount { try expect(Unicode.Scalar(word.utf8Start[offset])) }
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { index += 1 }
    }

    private mutating func value(depth: Int) throws(Refusal) {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): try object(depth: depth + 1)
        case UInt8(ascii: "["): try array(depth: depth + 1)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try expect(word: "true")
        case UInt8(ascii: "f"): try expect(word: "false")
        case UInt8(ascii: "n"): try expect(word: "null")
        case UInt8(ascii: "N"), UInt8(ascii: "I"): throw .pythonNumber
        default: try number()
        }
    }

    private mutating func object(depth: Int) throws(Refusal) {
        guard depth <= limit else { throw .invalid }
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

    private mutating func array(depth: Int) throws(Refusal) {
        guard depth <= limit else { throw .invalid }
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

    private mutating func number() throws(Refusal) {
        if skips("-"), next == UInt8(ascii: "I") { throw .pythonNumber }
        if !skips("0") { try digits() }
        if skips(".") { try digits() }
        if skips("e") || skips("E") {
            if !skips("+") { _ = skips("-") }
            try digits()
        }
    }

    private mutating func digits() throws(Refusal) {
        guard let byte = next, (0x30...0x39).contains(byte) else { throw .invalid }
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
    }

    private mutating func string() throws(Refusal) {
        try expect("\"")
        while true {
            guard let byte = next, byte >= 0x20 else { throw .invalid }
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return
            case UInt8(ascii: "\\"): try escape()
            case ..<0x80: break
            default: isASCII = false
            }
        }
    }

    private mutating func escape() throws(Refusal) {
        guard let byte = next else { throw .invalid }
        index += 1
        switch Unicode.Scalar(byte) {
        case "\"", "\\", "/", "b", "f", "n", "r", "t": break
        case "u": for _ in 0..<4 { try hexadecimalDigit() }
        default: throw .invalid
        }
    }

    private mutating func hexadecimalDigit() throws(Refusal) {
        guard let byte = next else { throw .invalid }
        switch Unicode.Scalar(byte) {
        case "0"..."9", "a"..."f", "A"..."F": index += 1
        default: throw .invalid
        }
    }
}
