/// Comma-separated values (RFC 4180, with a plain newline at the end of a line).
enum CSVText {
    /// The lines, each with a newline; a cell that holds a comma, a quote or a line's end is quoted.
    static func text(_ lines: [[String]]) -> String {
        lines.map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
    }

    private static func cell(_ text: String) -> String {
        // By Unicode scalars, as those who read it do: to Swift a quote with an accent on it is another character.
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        var quoted = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        return "\"\(String(quoted))\""
    }
}
