import Bytes

/// The rules for names: https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
enum MetricName {
    /// Returns true for `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, !ASCII.isDigit(first) else { return false }
        return name.utf8.allSatisfy { isWord($0) || $0 == ASCII.colon }
    }

    /// Returns true for `[a-zA-Z_][a-zA-Z0-9_]*`, except reserved names (`__…`) and `le`, which histograms use.
    static func isValidLabel(_ name: String) -> Bool {
        guard let first = name.utf8.first, !ASCII.isDigit(first), !name.hasPrefix("__"), name != "le" else {
            return false
        }
        return name.utf8.allSatisfy(isWord)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        ASCII.isDigit(byte) || ASCII.isLetter(byte) || byte == UInt8(ascii: "_")
    }
}
