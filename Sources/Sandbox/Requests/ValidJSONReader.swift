import Bytes

/// Reads valid JSON as a tree. The scanner has checked it, so that every index here is in bounds.
struct ValidJSONReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func value() -> JSONValue {
        skipSpace()
        switch bytes[index] {
        case ASCII.openingBrace: return object()
        case ASCII.openingBracket: return array()
        case ASCII.quote: return .string(string())
        case UInt8(ascii: "t"):
            index += 4
            return .bool(true)
        case UInt8(ascii: "f"):
            index += 5
            return .bool(false)
        case UInt8(ascii: "n"):
            index += 4
            return .null
        default: return number()
        }
    }

    private mutating func object() -> JSONValue {
        var members: [(name: String, value: JSONValue)] = []
        while advance(to: ASCII.closingBrace) {
            let name = string()
            skipSpace()
            index += 1
            members.append((name, value()))
        }
        return .object(members)
    }

    private mutating func array() -> JSONValue {
        var elements: [JSONValue] = []
        while advance(to: ASCII.closingBracket) { elements.append(value()) }
        return .array(elements)
    }

    /// Skips the opening bracket or a comma, and at the end the closing bracket.
    ///
    /// - Returns: false at the end.
    private mutating func advance(to end: UInt8) -> Bool {
        skipSpace()
        if bytes[index] != end {
            index += 1
            skipSpace()
            if bytes[index] != end { return true }
        }
        index += 1
        return false
    }

    private mutating func number() -> JSONValue {
        let start = index
        while index < bytes.count, Self.isInNumber(bytes[index]) { index += 1 }
        return .number(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private static func isInNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case ASCII.plus, ASCII.hyphen, ASCII.point, UInt8(ascii: "e"), UInt8(ascii: "E"): true
        default: ASCII.isDigit(byte)
        }
    }

    private mutating func string() -> String {
        index += 1
        var units: [UInt16] = []
        var text = ""
        var start = index
        while bytes[index] != ASCII.quote {
            guard bytes[index] == ASCII.backslash else {
                index += 1
                continue
            }
            text += String(decoding: bytes[start..<index], as: UTF8.self)
            units.removeAll(keepingCapacity: true)
            // Adjacent escapes together: they may be a surrogate pair.
            while bytes[index] == ASCII.backslash { units.append(escape()) }
            text += String(decoding: units, as: UTF16.self)
            start = index
        }
        text += String(decoding: bytes[start..<index], as: UTF8.self)
        index += 1
        return text
    }

    private mutating func escape() -> UInt16 {
        let kind = bytes[index + 1]
        index += 2
        switch kind {
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "f"): return 12
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "u"):
            let digits = String(decoding: bytes[index..<index + 4], as: UTF8.self)
            index += 4
            return UInt16(digits, radix: 16) ?? 0xFFFD
        default: return UInt16(kind)
        }
    }

    private mutating func skipSpace() {
        while bytes[index] <= 0x20 { index += 1 }
    }
}
