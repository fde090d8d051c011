/// A slow and obvious reader of JSON (RFC 8259): the whole document as a tree, against which the scanner is checked.
final class JSONModel {
    struct Member {
        let name: [UInt8]
        let keyStart: Int
        let value: JSONModel
    }

    enum Content {
        case string([UInt8])
        case number, `true`, `false`, null
        case array([JSONModel])
        case object([Member])
    }

    struct Invalid: Error {}

    let content: Content
    let range: Range<Int>
    let literal: [UInt8]

    private init(_ content: Content, _ range: Range<Int>, _ bytes: [UInt8]) {
        self.content = content
        self.range = range
        literal = Array(bytes[range])
    }

    /// The document, or nil where `bytes` are none.
    static func parse(_ bytes: [UInt8], depthLimit: Int = 256) -> JSONModel? {
        var parser = Parser(bytes: bytes, depthLimit: depthLimit)
        return try? parser.document()
    }

    /// All values that a path leads to, in the order of the text. `unique`: where a member stands twice and nothing
    /// but members lead to it, only the last counts; with `first`, the first counts everywhere.
    func matches(
        _ path: [String], first: Bool = false, keyStart: Int? = nil, unique: Bool = true
    ) -> [(value: JSONModel, keyStart: Int?)] {
        guard let step = path.first else { return [(self, keyStart)] }
        let rest = Array(path.dropFirst())
        switch content {
        case .array(let elements) where step == "[]":
            return elements.flatMap { $0.matches(rest, first: first, unique: false) }
        case .object(let members) where step != "[]":
            let same = members.filter { $0.name == Array(step.utf8) }
            let counted = first ? same.prefix(1) : unique ? same.suffix(1) : same[...]
            return counted.flatMap { $0.value.matches(rest, first: first, keyStart: $0.keyStart, unique: unique) }
        default:
            return []
        }
    }

    /// Where the keys stand that a path meets for the second time in one object.
    func duplicates(_ path: [String]) -> [Int] {
        guard let step = path.first else { return [] }
        let rest = Array(path.dropFirst())
        switch content {
        case .array(let elements) where step == "[]":
            return elements.flatMap { $0.duplicates(rest) }
        case .object(let members) where step != "[]":
            let same = members.filter { $0.name == Array(step.utf8) }
            return same.dropFirst().map(\.keyStart) + same.flatMap { $0.value.duplicates(rest) }
        default:
            return []
        }
    }

    /// All string values in it.
    var strings: [[UInt8]] {
        switch content {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(\.strings)
        case .object(let members): members.flatMap(\.value.strings)
        default: []
        }
    }

    var childCount: Int {
        switch content {
        case .array(let elements): elements.count
        case .object(let members): members.count
        default: 0
        }
    }

    /// The document in one spelling, without the member whose key stands at `keyStart`.
    func canonical(without keyStart: Int = -1) -> String {
        switch content {
        case .string(let text):
            return "s\(text)"
        case .array(let elements):
            return "[\(elements.map { $0.canonical(without: keyStart) }.joined(separator: ","))]"
        case .object(let members):
            let rest = members.filter { $0.keyStart != keyStart }
            return "{\(rest.map { "\($0.name):\($0.value.canonical(without: keyStart))" }.joined(separator: ","))}"
        default:
            return String(decoding: literal, as: UTF8.self)
        }
    }

    private struct Parser {
        let bytes: [UInt8]
        let depthLimit: Int
        var index = 0
        var depth = 0

        init(bytes: [UInt8], depthLimit: Int) {
            self.bytes = bytes
            self.depthLimit = depthLimit
        }

        mutating func document() throws -> JSONModel {
            let value = try value()
            skipSpace()
            guard index == bytes.count else { throw Invalid() }
            return value
        }

        mutating func skipSpace() {
            while let byte = peek, " \t\r\n".utf8.contains(byte) { index += 1 }
        }

        var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard peek == UInt8(character.value) else { return false }
            index += 1
            return true
        }

        mutating func expect(_ character: Unicode.Scalar) throws {
            guard take(character) else { throw Invalid() }
        }

        mutating func value() throws -> JSONModel {
            skipSpace()
            let start = index
            let content = try content()
            return JSONModel(content, start..<index, bytes)
        }

        mutating func content() throws -> Content {
            switch peek {
            case UInt8(ascii: "{"): return .object(try nested { parser in try parser.members() })
            case UInt8(ascii: "["): return .array(try nested { parser in try parser.elements() })
            case UInt8(ascii: "\""): return .string(try string())
            case UInt8(ascii: "t"): return try literal("true", .true)
            case UInt8(ascii: "f"): return try literal("false", .false)
            case UInt8(ascii: "n"): return try literal("null", .null)
            default: return try number()
            }
        }

        mutating func literal(_ text: String, _ content: Content) throws -> Content {
            for scalar in text.unicodeScalars { try expect(scalar) }
            return content
        }

        mutating func nested<T>(_ body: (inout Parser) throws -> T) throws -> T {
            depth += 1
            guard depth <= depthLimit else { throw Invalid() }
            index += 1
            let content = try body(&self)
            depth -= 1
            return content
        }

        mutating func elements() throws -> [JSONModel] {
            skipSpace()
            if take("]") { return [] }
            var elements: [JSONModel] = []
            while true {
                elements.append(try value())
                skipSpace()
                if take("]") { return elements }
                try expect(",")
            }
        }

        mutating func members() throws -> [Member] {
            skipSpace()
            if take("}") { return [] }
            var members: [Member] = []
            while true {
                skipSpace()
                let keyStart = index
                let name = try string()
                skipSpace()
                try expect(":")
                members.append(Member(name: name, keyStart: keyStart, value: try value()))
                skipSpace()
                if take("}") { return members }
                try expect(",")
            }
        }

        mutating func number() throws -> Content {
            _ = take("-")
            if !take("0") { try digits() }
            if take(".") { try digits() }
            if take("e") || take("E") {
                if !take("+") { _ = take("-") }
                try digits()
            }
            return .number
        }

        mutating func digits() throws {
            guard let first = peek, (0x30...0x39).contains(first) else { throw Invalid() }
            while let byte = peek, (0x30...0x39).contains(byte) { index += 1 }
        }

        mutating func string() throws -> [UInt8] {
            try expect("\"")
            var units: [UInt16] = []
            while !take("\"") {
                if take("\\") {
                    units.append(try escape())
                } else {
                    units += try character().utf16
                }
            }
            // The standard library's decoder makes U+FFFD of every lone surrogate.
            return Array(String(decoding: units, as: UTF16.self).utf8)
        }

        mutating func escape() throws -> UInt16 {
            guard let byte = peek else { throw Invalid() }
            index += 1
            switch Character(Unicode.Scalar(byte)) {
            case "\"": return 0x22
            case "\\": return 0x5C
            case "/": return 0x2F
            case "b": return 8
            case "f": return 12
            case "n": return 10
            case "r": return 13
            case "t": return 9
            case "u":
                guard index + 4 <= bytes.count else { throw Invalid() }
                let digits = bytes[index..<index + 4]
                guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 128 }) else {
                    throw Invalid()
                }
                index += 4
                return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)!
            default: throw Invalid()
            }
        }

        /// One character, as the standard library reads UTF-8.
        mutating func character() throws -> String {
            guard let first = peek, first >= 0x20 else { throw Invalid() }
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            guard index + length <= bytes.count,
                let text = String(validating: bytes[index..<index + length], as: UTF8.self),
                text.unicodeScalars.count == 1
            else { throw Invalid() }
            index += length
            return text
        }
    }
}
