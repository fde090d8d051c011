import Bytes

/// Comma-separated values (RFC 4180, but with plain newlines).
enum CSVText {
    /// The lines, each with a newline. Cells with commas, quotes or line ends are quoted. A cell that a spreadsheet would run as a
    /// formula gets an apostrophe in front: clients choose the names of users and models.
    static func text(_ lines: [[String]]) -> String {
        lines.map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
    }

    private static func cell(_ text: String) -> String { quoted(isFormula(text) ? "'" + text : text) }

    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) else { return false }
        // A negative number runs nothing.
        let digits = text.utf8.dropFirst()
        return
            !(first == ASCII.hyphen && !digits.isEmpty && digits.allSatisfy { ASCII.isDigit($0) || $0 == ASCII.point })
    }

    private static func quoted(_ text: String) -> String {
        // By Unicode scalars, as readers do: to Swift a quote with a combining accent is another character.
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        var quoted = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        return "\"\(String(quoted))\""
    }
}
