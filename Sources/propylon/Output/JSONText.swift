import Bytes

/// A JSON value for scripts. Its members keep their order.
enum JSONText: Sendable {
    case null
    case boolean(Bool)
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// A decimal number, as `0.25`.
    case number(String)
    /// A JSON text, as it is.
    case raw(String)
    case array([JSONText])
    case object([(name: String, value: JSONText)])

    /// The string `text`, or null.
    static func optional(_ text: String?) -> JSONText { text.map(JSONText.string) ?? .null }

    /// The value with two spaces a level, without a newline at its end.
    var text: String { text(indentation: "") }

    /// The value on one line.
    var line: String {
        switch self {
        case .array(let values): "[\(values.map(\.line).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\(Self.quoted($0.name)):\($0.value.line)" }.joined(separator: ","))}"
        case .null, .boolean, .string, .integer, .number, .raw: text
        }
    }

    /// The value as a cell: text without quotes, nothing for null, the values of a list separated by commas.
    var plain: String {
        switch self {
        case .null: ""
        case .string(let string): string
        case .array(let values): values.map(\.plain).joined(separator: ",")
        case .boolean, .integer, .number, .raw, .object: line
        }
    }

    private func text(indentation: String) -> String {
        let inner = indentation + "  "
        switch self {
        case .null: return "null"
        case .boolean(let value): return value ? "true" : "false"
        case .string(let string): return Self.quoted(string)
        case .integer(let number): return String(number)
        case .number(let text), .raw(let text): return text
        case .array(let values):
            guard !values.isEmpty else { return "[]" }
            let lines = values.map { inner + $0.text(indentation: inner) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indentation)]"
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let lines = members.map { "\(inner)\(Self.quoted($0.name)): \($0.value.text(indentation: inner))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indentation)}"
        }
    }

    /// A string in UTF-8. DEL and the control characters of C1 are escaped too, since terminals obey them.
    private static func quoted(_ string: String) -> String {
        var bytes = [ASCII.quote]
        for scalar in string.unicodeScalars {
            if (0x7F...0x9F).contains(scalar.value) {
                JSONString.appendEscapes(of: scalar, to: &bytes)
            } else {
                for byte in UTF8.encode(scalar) ?? .init() { JSONString.appendEscaped(byte, to: &bytes) }
            }
        }
        bytes.append(ASCII.quote)
        return String(decoding: bytes, as: UTF8.self)
    }
}
