/// A strict reader of the Prometheus text format 0.0.4, for the tests: what it does not know it refuses.
struct ExpositionPage {
    struct Metric: Equatable {
        var name: String
        var help: String
        var type: String
        var samples: [Sample] = []
    }

    struct Sample: Equatable {
        var name: String
        var labels: [Label]
        var value: Double

        func label(_ name: String) -> String? { labels.first { $0.name == name }?.value }
    }

    struct Label: Equatable {
        var name: String
        var value: String
    }

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    private(set) var metrics: [Metric] = []

    subscript(name: String) -> Metric? { metrics.first { $0.name == name } }

    init(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Refusal(description: "not UTF-8") }
        guard text.isEmpty || text.unicodeScalars.last == "\n" else {
            throw Refusal(description: "no end of line at the end")
        }
        var help: (name: String, text: String)?
        // Lines of scalars: Swift sees "\r\n" as one character, which would hide the end of a line.
        for line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            var reader = LineReader(line)
            if reader.take("# HELP ") {
                guard help == nil else { throw Refusal(description: "a help without a type") }
                let name = try reader.name()
                try reader.expect(" ")
                help = (name, try reader.unescapedRest())
            } else if reader.take("# TYPE ") {
                let name = try reader.name()
                try reader.expect(" ")
                let type = reader.rest()
                guard let given = help, given.name == name else {
                    throw Refusal(description: "a type without its help")
                }
                guard ["counter", "gauge", "histogram"].contains(type) else {
                    throw Refusal(description: "type \(type)")
                }
                guard self[name] == nil else { throw Refusal(description: "\(name) stands twice") }
                metrics.append(Metric(name: name, help: given.text, type: type))
                help = nil
            } else {
                guard help == nil, !metrics.isEmpty else { throw Refusal(description: "a sample out of place") }
                let sample = try reader.sample()
                let metric = metrics[metrics.count - 1]
                let suffixes = metric.type == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
                guard suffixes.contains(where: { metric.name + $0 == sample.name }) else {
                    throw Refusal(description: "\(sample.name) below \(metric.name)")
                }
                guard !metric.samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
                    throw Refusal(description: "\(sample.name) stands twice with the same labels")
                }
                metrics[metrics.count - 1].samples.append(sample)
            }
        }
        guard help == nil else { throw Refusal(description: "a help without a type") }
    }
}

/// Takes one line apart.
private struct LineReader {
    private var left: Substring.UnicodeScalarView

    init(_ line: Substring.UnicodeScalarView) { left = line }

    mutating func take(_ literal: String) -> Bool {
        guard left.starts(with: literal.unicodeScalars) else { return false }
        left = left.dropFirst(literal.unicodeScalars.count)
        return true
    }

    mutating func expect(_ literal: String) throws {
        guard take(literal) else { throw ExpositionPage.Refusal(description: "expected \(literal) before \(rest())") }
    }

    func rest() -> String { String(Substring(left)) }

    mutating func name() throws -> String {
        let name = left.prefix {
            $0.isASCII && ($0.properties.isAlphabetic || "0123456789_:".unicodeScalars.contains($0))
        }
        guard let first = name.first, !"0123456789".unicodeScalars.contains(first) else {
            throw ExpositionPage.Refusal(description: "expected a name before \(rest())")
        }
        left = left.dropFirst(name.count)
        return String(Substring(name))
    }

    mutating func unescapedRest() throws -> String {
        var text = String.UnicodeScalarView()
        while let scalar = left.popFirst() {
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            switch left.popFirst() {
            case "\\": text.append("\\")
            case "n": text.append("\n")
            default: throw ExpositionPage.Refusal(description: "an unknown escape in a help")
            }
        }
        return String(text)
    }

    mutating func quoted() throws -> String {
        try expect("\"")
        var text = String.UnicodeScalarView()
        while let scalar = left.popFirst() {
            switch scalar {
            case "\"": return String(text)
            case "\\":
                switch left.popFirst() {
                case "\\": text.append("\\")
                case "\"": text.append("\"")
                case "n": text.append("\n")
                default: throw ExpositionPage.Refusal(description: "an unknown escape in a label")
                }
            default: text.append(scalar)
            }
        }
        throw ExpositionPage.Refusal(description: "a label's value without end")
    }

    mutating func sample() throws -> ExpositionPage.Sample {
        let name = try name()
        var labels: [ExpositionPage.Label] = []
        if take("{") {
            repeat {
                let label = try self.name()
                try expect("=")
                labels.append(ExpositionPage.Label(name: label, value: try quoted()))
            } while take(",")
            try expect("}")
        }
        try expect(" ")
        guard let value = Double(rest()) else { throw ExpositionPage.Refusal(description: "not a number: \(rest())") }
        return ExpositionPage.Sample(name: name, labels: labels, value: value)
    }
}
