import Glibc

/// Writes a line for people to standard output, at once even where that is a file or a pipe.
func say(_ text: String) { writeLine(text, to: STDOUT_FILENO) }

/// Writes a line for people to standard error, so that standard output holds results alone.
func complain(_ text: String) { writeLine(TextStyles.errors.marked(text), to: STDERR_FILENO) }

/// Writes a line with one system call, so that lines of several threads and processes do not mix.
///
/// Errors are ignored: a reader that has gone is no fault, and `FileHandle` would end the process.
func writeLine(_ text: String, to descriptor: Int32) { write(text + "\n", to: descriptor) }

/// Writes `text` with one system call, and ignores errors as `writeLine` does.
func write(_ text: String, to descriptor: Int32) {
    _ = Array(text.utf8).withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
}
