import Policy

/// Writes a configuration as YAML: block mappings, everything else in one line.
struct YAMLWriter {
    private(set) var text = ""
    private var indentation = 0
    /// What begins the next line in place of its last two spaces: `- ` for the first member of a list's element.
    private var bullet = false

    /// What a member can be.
    enum Value {
        case text(String)
        case number(String)
        case boolean(Bool)
        case list([Value])
        case null

        static func integer(_ number: Int) -> Value { .number(String(number)) }
        static func size(_ bytes: Int) -> Value { .number(Quantity.text(bytes: bytes)) }
        static func duration(_ duration: Duration) -> Value { .number(Quantity.text(duration)) }
        static func decimal(_ scaled: Int64, places: Int) -> Value { .number(DecimalText.text(scaled, places: places)) }
        static func optional(_ text: String?) -> Value { text.map { .text($0) } ?? .null }
        static func optional(_ number: Int64?) -> Value { number.map { .number(String($0)) } ?? .null }
        static func secret(_ secret: Secret?) -> Value { secret.map { .text($0.description) } ?? .null }

        var yaml: String {
            switch self {
            case .text(let text): YAMLWriter.quoted(text)
            case .number(let number): number
            case .boolean(let flag): flag ? "true" : "false"
            case .list(let values): "[" + values.map(\.yaml).joined(separator: ", ") + "]"
            case .null: "null"
            }
        }
    }

    mutating func member(_ name: String, _ value: Value) { line("\(Self.quotedName(name)): \(value.yaml)") }

    /// The members that `body` writes, under `name`; `{}` where it writes none.
    mutating func section(_ name: String, _ body: (inout YAMLWriter) -> Void) {
        var inner = YAMLWriter()
        inner.indentation = indentation + 1
        body(&inner)
        line("\(Self.quotedName(name)):\(inner.text.isEmpty ? " {}" : "")")
        text += inner.text
    }

    /// A list of mappings under `name`, each as `body` writes it.
    mutating func list<Element>(_ name: String, of elements: [Element], _ body: (Element, inout YAMLWriter) -> Void) {
        line("\(Self.quotedName(name)):")
        for element in elements {
            var inner = YAMLWriter()
            inner.indentation = indentation + 2
            inner.bullet = true
            body(element, &inner)
            text += inner.text
        }
    }

    private mutating func line(_ content: String) {
        let spaces = String(repeating: "  ", count: bullet ? indentation - 1 : indentation)
        text += spaces + (bullet ? "- " : "") + content + "\n"
        bullet = false
    }

    private static func quotedName(_ name: String) -> String { isPlain(name) ? name : quote(name) }

    /// `text` as a scalar that is read as this text again, references to variables included.
    static func quoted(_ text: String) -> String {
        isPlain(text) ? text : quote(text.replacing("${", with: "$${"))
    }

    /// Whether every YAML parser reads `text`, unquoted, as this text.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "/") else { return false }
        let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        return !words.contains(text.lowercased())
            && text.utf8.allSatisfy { isLetter($0) || "0123456789_-./".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    }

    private static func quote(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case " "..."~", "\u{A0}"..."\u{2027}", "\u{202A}"..."\u{D7FF}", "\u{E000}"..."\u{FEFE}",
                "\u{FF00}"..."\u{FFFD}",
                "\u{10000}"...:
                result.unicodeScalars.append(scalar)
            // Control characters, the line ends of Unicode and the byte order mark.
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result + "\""
    }
}
