import Scanners

/// A small JSON document as a tree: for what is off the hot path, such as a tool's schema.
indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// The literal as it was written.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// In the order of the text; a name that stands twice stands here twice.
    case object([(name: String, value: JSONValue)])

    /// Reads `bytes`; nil where they are no valid JSON or nested deeper than 64 levels.
    init?(_ bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        var scanner = JSONScanner(Self.nothing, depthLimit: 64)
        do throws(JSONError) {
            try scanner.scan(bytes.span)
            try scanner.finish()
        } catch { return nil }
        var reader = ValidJSONReader(bytes)
        self = reader.value()
    }

    private static let nothing = JSONPathSet([])

    /// The member called `name`, the last one where there are several.
    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var integer: Int? { if case .number(let literal) = self { Int(literal) } else { nil } }
    var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
    var object: [(name: String, value: JSONValue)]? { if case .object(let members) = self { members } else { nil } }

    /// Writes the value compactly.
    func append(to json: inout JSONOutput) {
        switch self {
        case .null: json.raw("null")
        case .bool(let value): json.raw(value ? "true" : "false")
        case .number(let literal): json.raw(literal.utf8)
        case .string(let text): json.string(text)
        case .array(let elements):
            json.raw("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { json.raw(",") }
                element.append(to: &json)
            }
            json.raw("]")
        case .object(let members):
            json.raw("{")
            for (index, member) in members.enumerated() {
                if index > 0 { json.raw(",") }
                json.string(member.name)
                json.raw(":")
                member.value.append(to: &json)
            }
            json.raw("}")
        }
    }

    /// The bytes of UTF-8 of all strings in the value, names not.
    var textBytes: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .array(let elements): elements.reduce(0) { $0 + $1.textBytes }
        case .object(let members): members.reduce(0) { $0 + $1.value.textBytes }
        case .null, .bool, .number: 0
        }
    }
}

/// Reads JSON that has been found valid, so that nothing has to be checked twice.
private struct ValidJSONReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func value() -> JSONValue {
        skipSpace()
        switch bytes[index] {
        case UInt8(ascii: "{"): return object()
        case UInt8(ascii: "["): return array()
        case UInt8(ascii: "\""): return .string(string())
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
        while advance(to: UInt8(ascii: "}")) {
            let name = string()
            skipSpace()
            index += 1
            members.append((name, value()))
        }
        return .object(members)
    }

    private mutating func array() -> JSONValue {
        var elements: [JSONValue] = []
        while advance(to: UInt8(ascii: "]")) { elements.append(value()) }
        return .array(elements)
    }

    /// Steps over the opening bracket or a comma.
    ///
    /// - Returns: false, behind the closing bracket, where nothing more comes.
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
        while index < bytes.count, Self.mayStandInNumber(bytes[index]) { index += 1 }
        return .number(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private static func mayStandInNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func string() -> String {
        index += 1
        var units: [UInt16] = []
        var text = ""
        var start = index
        while bytes[index] != UInt8(ascii: "\"") {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            text += String(decoding: bytes[start..<index], as: UTF8.self)
            units.removeAll(keepingCapacity: true)
            // Neighbouring escapes together, so that surrogates find each other.
            while bytes[index] == UInt8(ascii: "\\") { units.append(escape()) }
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
