import Bytes

/// The labels of one series as they stand in the page, without braces: `endpoint="chat/completions",status="200"`.
///
/// It is made once, since a page has thousands of lines and labels do not change.
struct LabelText: Sendable {
    /// No labels.
    static let none = LabelText([], [])

    /// The text in UTF-8.
    let bytes: [UInt8]

    /// The labels `names` with `values`, one for each.
    init(_ names: some Sequence<String>, _ values: some Sequence<String>) {
        var bytes: [UInt8] = []
        for (name, value) in zip(names, values) {
            if !bytes.isEmpty { bytes.append(ASCII.comma) }
            bytes.append(contentsOf: name.utf8)
            bytes.append("=\"")
            for byte in value.utf8 {
                switch byte {
                case ASCII.backslash: bytes.append(#"\\"#)
                case ASCII.quote: bytes.append(#"\""#)
                case ASCII.lineFeed: bytes.append(#"\n"#)
                default: bytes.append(byte)
                }
            }
            bytes.append(ASCII.quote)
        }
        self.bytes = bytes
    }
}

/// The bounds of a histogram as labels, `le="0.001"`, the last one without a bound.
struct BoundTexts: Sendable {
    let bounds: [LabelText]

    /// The texts of `bounds` in `scale`.
    init(_ bounds: [Int], _ scale: MetricScale) {
        self.bounds = (bounds.map { scale.text($0) } + ["+Inf"]).map { LabelText(["le"], [$0]) }
    }
}
