/// Comma-separated values (RFC 4180, but with plain newlines).
enum CSVText {
    /// The lines, each with a newline. Cells with commas, quotes or line ends are quoted.
    static func text(_ lines: [[String]]) -> String {
        lines.map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
    }

    private static func cell(_ text: String) -> String {
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
