import Glibc

/// A line on the terminal that says how far a long command is. Nothing where standard error is no terminal.
struct ProgressLine {
    private let isShown = isatty(STDERR_FILENO) == 1

    /// Replaces the line by `text`.
    func show(_ text: String) { write("\r\u{1B}[K\(text)") }

    /// Removes the line.
    func clear() { write("\r\u{1B}[K") }

    private func write(_ text: String) {
        if isShown { propylon.write(text, to: STDERR_FILENO) }
    }
}
