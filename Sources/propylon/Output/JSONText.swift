/// A JSON value whose members keep their order, as a script's author sees them.
enum JSONText {
    case null
    case string(String)
    /// A whole number.
    case integer(Int64)
    /// A number as it is written, as `0.25`.
    case number(String)
    case array([JSONText])
    case object([(name: String, value: JSONText)])

    /// The string, or null for none.
    static func optional(_ text: String?) -> JSONText { text.map(JSONText.string) ?? .null }

    /// The value, two spaces a level, without a newline at its end.
    var text: String { text(indentation: "") }

    private func text(indentation: String) -> String {
        let inner = indentation + "  "
        switch self {
        case .null: return "null"
        case .string(let string): return Self.quoted(string)
        case .integer(let number): return String(number)
        case .number(let number): return number
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

    /// RFC 8259, section 7. Control characters of C1 are escaped too, since terminals obey them.
    private static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
