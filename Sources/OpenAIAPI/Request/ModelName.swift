import Bytes

/// The names of models in every part of a request: in JSON, a multipart field, the query or the path.
enum ModelName {
    /// The maximum length in bytes.
    static let limit = 256

    /// Returns true for a name that every reader reads in the same way, and that is safe in a log.
    ///
    /// Has no control, line separator or bidirectional override, and no U+FFFD, which replaces text that is not Unicode.
    static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8.span
        guard bytes.count > 0, bytes.count <= limit else { return false }
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return true }
        return name.unicodeScalars.allSatisfy { $0.isPrintable && $0 != "\u{FFFD}" }
    }
}
