import Bytes

/// The names of models, wherever a request has one: in JSON, a multipart field, the query or the path.
enum ModelName {
    /// The maximum length in bytes.
    static let limit = 256

    /// Returns true for a name that every reader reads alike, and that can stand in a log.
    ///
    /// Has no control, line separator or bidirectional override, and no U+FFFD, which stands for text that is not Unicode.
    static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8.span
        guard bytes.count > 0, bytes.count <= limit else { return false }
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return true }
        return name.unicodeScalars.allSatisfy { $0.isPrintable && $0 != "\u{FFFD}" }
    }
}
