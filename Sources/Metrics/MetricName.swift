/// What Prometheus takes for names: https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
enum MetricName {
    /// Whether `name` is `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ":") }
    }

    /// Whether `name` is `[a-zA-Z_][a-zA-Z0-9_]*`, and neither reserved (`__…`) nor what histograms use for themselves (`le`).
    static func isValidLabel(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first), !name.hasPrefix("__"), name != "le" else { return false }
        return name.utf8.allSatisfy(isWord)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
