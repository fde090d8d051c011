import Bytes

/// Writes the Prometheus text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/
struct ExpositionWriter {
    /// The text so far, in UTF-8, with every line ended.
    private(set) var bytes: [UInt8] = []

    /// Writes the two lines that open a metric.
    mutating func open(_ declaration: MetricDeclaration) {
        put("# HELP \(declaration.name) ")
        for byte in declaration.help.utf8 {
            switch byte {
            case ASCII.backslash: bytes.append(#"\\"#)
            case ASCII.lineFeed: bytes.append(#"\n"#)
            default: bytes.append(byte)
            }
        }
        put("\n# TYPE \(declaration.name) \(declaration.kind.rawValue)\n")
    }

    /// Writes the line `name{labels} value`.
    mutating func sample(_ name: String, _ value: String, _ labels: LabelText = .none) {
        begin(name, "", labels)
        put(value)
        bytes.append(ASCII.lineFeed)
    }

    /// Writes the line `name{labels} value` of a number in `scale`.
    mutating func sample(_ name: String, _ value: Int, _ scale: MetricScale, _ labels: LabelText = .none) {
        begin(name, "", labels)
        end(value, scale)
    }

    /// Writes the lines of one histogram: the cumulative count up to each bound, the sum and the count of all.
    mutating func histogram(
        _ name: String, _ snapshot: HistogramSnapshot, _ bounds: BoundTexts, _ scale: MetricScale,
        _ labels: LabelText = .none
    ) {
        var count = 0
        for (own, bound) in zip(snapshot.counts, bounds.bounds) {
            count += own
            begin(name, "_bucket", labels, bound)
            end(count, .one)
        }
        begin(name, "_sum", labels)
        end(snapshot.sum, scale)
        begin(name, "_count", labels)
        end(count, .one)
    }

    /// The number in the form of Go's `ParseFloat`. A whole number has no point.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int(exactly: value)?.description ?? value.description
    }

    /// Writes `name{labels} `, with both lists of labels.
    private mutating func begin(_ name: String, _ suffix: StaticString, _ labels: LabelText, _ more: LabelText = .none)
    {
        put(name)
        bytes.append(suffix)
        if !labels.bytes.isEmpty || !more.bytes.isEmpty {
            bytes.append(ASCII.openingBrace)
            bytes.append(contentsOf: labels.bytes)
            if !labels.bytes.isEmpty, !more.bytes.isEmpty { bytes.append(ASCII.comma) }
            bytes.append(contentsOf: more.bytes)
            bytes.append(ASCII.closingBrace)
        }
        bytes.append(ASCII.space)
    }

    private mutating func end(_ value: Int, _ scale: MetricScale) {
        // Most numbers are counts, which need no text of their own.
        if case .one = scale { bytes.appendDecimal(value) } else { put(scale.text(value)) }
        bytes.append(ASCII.lineFeed)
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
