/// Writes the Prometheus text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
struct ExpositionWriter {
    /// The text so far, in UTF-8, with every line ended.
    private(set) var bytes: [UInt8] = []

    /// Writes the two lines that open a metric.
    mutating func open(_ declaration: MetricDeclaration) {
        put("# HELP \(declaration.name) ")
        for byte in declaration.help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): put(#"\\"#)
            case UInt8(ascii: "\n"): put(#"\n"#)
            default: bytes.append(byte)
            }
        }
        put("\n# TYPE \(declaration.name) \(declaration.kind.rawValue)\n")
    }

    /// Writes the line `name{labels} value`. `labels` are pairs of a name and a value.
    mutating func sample(_ name: String, _ labels: some Sequence<(String, String)>, _ value: String) {
        put(name)
        var hasLabels = false
        for (label, value) in labels {
            put(hasLabels ? "," : "{")
            hasLabels = true
            put(label)
            put("=\"")
            putEscaped(value)
            put("\"")
        }
        put(hasLabels ? "} " : " ")
        put(value)
        put("\n")
    }

    /// Writes the lines of one histogram: the cumulative count up to each bound, the sum and the count of all.
    mutating func histogram(
        _ name: String, _ labels: [(String, String)], _ snapshot: HistogramSnapshot, scale: MetricScale
    ) {
        var count = 0
        for (index, own) in snapshot.counts.enumerated() {
            count += own
            let bound = index < snapshot.bounds.count ? scale.text(snapshot.bounds[index]) : "+Inf"
            sample(name + "_bucket", labels + [("le", bound)], String(count))
        }
        sample(name + "_sum", labels, scale.text(snapshot.sum))
        sample(name + "_count", labels, String(count))
    }

    /// The number in the form of Go's `ParseFloat`. A whole number has no point.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int(exactly: value)?.description ?? value.description
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func putEscaped(_ value: String) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): put(#"\\"#)
            case UInt8(ascii: "\""): put(#"\""#)
            case UInt8(ascii: "\n"): put(#"\n"#)
            default: bytes.append(byte)
            }
        }
    }
}
