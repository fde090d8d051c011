import Foundation

/// Colours of a terminal, or none: where the output is no terminal, where `NO_COLOR` is set (no-color.org), and for `TERM=dumb`.
struct TextStyles {
    /// A style, by its number in SGR (ECMA-48, section 8.3.117).
    enum Style: Int {
        case bold = 1
        case red = 31
        case yellow = 33
    }

    let isOn: Bool

    /// No colours.
    static let none = TextStyles(isTerminal: false, environment: [:])
    /// Those of standard output.
    static let output = TextStyles(STDOUT_FILENO)
    /// Those of standard error.
    static let errors = TextStyles(STDERR_FILENO)

    init(isTerminal: Bool, environment: [String: String]) {
        isOn = isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }

    private init(_ descriptor: Int32) {
        self.init(isTerminal: isatty(descriptor) == 1, environment: ProcessInfo.processInfo.environment)
    }

    /// The text in `style`; nil for none.
    func text(_ text: String, _ style: Style?) -> String {
        guard isOn, let style, !text.isEmpty else { return text }
        return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
    }

    /// The lines of `message` with `error:` and `warning:` in colour, each at the begin or after the place in a file.
    func marked(_ message: String) -> String {
        guard isOn else { return message }
        return message.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            for (word, style) in [("error:", Style.red), ("warning:", .yellow)] {
                guard let range = line.range(of: word) else { continue }
                let place = line[..<range.lowerBound]
                if place.isEmpty || place.hasSuffix(": ") {
                    return place + text(word, style) + line[range.upperBound...]
                }
            }
            return String(line)
        }.joined(separator: "\n")
    }
}
