import Synchronization

/// All metrics of the process, as `GET /metrics` shows them: in the order in which they were registered, each one's children in
/// the order of their labels' values.
///
/// Register at start, and hold the handles: a registry is not looked up in. Names must be valid and new, and those of counters
/// end in `_total`; anything else is a programmer's error and ends the process.
package final class MetricRegistry: Sendable {
    private struct Entry: Sendable {
        let name: String
        let help: String
        let type: String
        let labels: [String]
        let write: @Sendable (inout ExpositionWriter) -> Void
    }

    private let entries = Mutex<[Entry]>([])

    /// A registry without metrics.
    package init() {}

    /// All metrics in the order of their registration, for documents: name, type, help and the names of labels.
    package var declarations: [(name: String, kind: String, help: String, labels: [String])] {
        entries.withLock { entries in entries.map { ($0.name, $0.type, $0.help, $0.labels) } }
    }

    /// The page: text format 0.0.4, `text/plain; version=0.0.4; charset=utf-8`.
    package func exposition() -> [UInt8] {
        // A metric that is read by a closure may take its time or a lock of its own: not under ours.
        let entries = entries.withLock { $0 }
        var writer = ExpositionWriter()
        for entry in entries {
            writer.open(entry.name, help: entry.help, type: entry.type)
            entry.write(&writer)
        }
        return writer.bytes
    }

    /// A new counter.
    package func counter(_ name: String, _ help: String, scale: MetricScale = .one) -> Counter {
        let counter = Counter()
        register(counter: name, help) { $0.sample(name, [], scale.text(counter.value)) }
        return counter
    }

    /// A new family of counters, with at most `limit` children before their labels become `other`.
    package func counter(
        _ name: String, _ help: String, labels: [String], limit: Int = 1000, scale: MetricScale = .one
    ) -> CounterFamily {
        let family = CounterFamily(labelNames: labels, limit: limit) { Counter() }
        register(counter: name, help, labels) { writer in
            for (values, child) in family.sortedChildren {
                writer.sample(name, zip(labels, values), scale.text(child.value))
            }
        }
        return family
    }

    /// A counter that somebody else keeps: `read` is called for every page, on the thread that makes it.
    package func counter(_ name: String, _ help: String, read: @escaping @Sendable () -> Double) {
        register(counter: name, help) { $0.sample(name, [], ExpositionWriter.text(read())) }
    }

    /// A new gauge.
    package func gauge(_ name: String, _ help: String, scale: MetricScale = .one) -> Gauge {
        let gauge = Gauge()
        register(name, help, "gauge") { $0.sample(name, [], scale.text(gauge.value)) }
        return gauge
    }

    /// A new family of gauges, with at most `limit` children before their labels become `other`.
    package func gauge(
        _ name: String, _ help: String, labels: [String], limit: Int = 1000, scale: MetricScale = .one
    ) -> GaugeFamily {
        let family = GaugeFamily(labelNames: labels, limit: limit) { Gauge() }
        register(name, help, "gauge", labels) { writer in
            for (values, child) in family.sortedChildren {
                writer.sample(name, zip(labels, values), scale.text(child.value))
            }
        }
        return family
    }

    /// A gauge that somebody else keeps: `read` is called for every page, on the thread that makes it.
    package func gauge(_ name: String, _ help: String, read: @escaping @Sendable () -> Double) {
        register(name, help, "gauge") { $0.sample(name, [], ExpositionWriter.text(read())) }
    }

    /// Gauges that somebody else keeps: `read` is called for every page, on the thread that makes it, and gives all children,
    /// each once.
    package func gauge(
        _ name: String, _ help: String, labels: [String],
        read: @escaping @Sendable () -> [(labels: LabelValues, value: Double)]
    ) {
        register(name, help, "gauge", labels) { writer in
            for child in read() {
                precondition(child.labels.count == labels.count, "as many values as \(name) has labels")
                writer.sample(name, zip(labels, child.labels.array), ExpositionWriter.text(child.value))
            }
        }
    }

    /// A new histogram. `bounds` and what is observed are in the unit that `scale` says; by default microseconds.
    package func histogram(
        _ name: String, _ help: String, bounds: [Int] = Histogram.durationBounds,
        scale: MetricScale = .microsecondsAsSeconds
    ) -> Histogram {
        let histogram = Histogram(bounds: bounds)
        register(name, help, "histogram") { $0.histogram(name, [], histogram.snapshot, scale: scale) }
        return histogram
    }

    /// A new family of histograms, with at most `limit` children before their labels become `other`.
    package func histogram(
        _ name: String, _ help: String, labels: [String], limit: Int = 100, bounds: [Int] = Histogram.durationBounds,
        scale: MetricScale = .microsecondsAsSeconds
    ) -> HistogramFamily {
        let family = HistogramFamily(labelNames: labels, limit: limit) { Histogram(bounds: bounds) }
        register(name, help, "histogram", labels) { writer in
            for (values, child) in family.sortedChildren {
                writer.histogram(name, Array(zip(labels, values)), child.snapshot, scale: scale)
            }
        }
        return family
    }

    private func register(
        counter name: String, _ help: String, _ labels: [String] = [],
        write: @escaping @Sendable (inout ExpositionWriter) -> Void
    ) {
        precondition(name.hasSuffix("_total"), "the name of a counter ends in _total: \(name)")
        register(name, help, "counter", labels, write: write)
    }

    private func register(
        _ name: String, _ help: String, _ type: String, _ labels: [String] = [],
        write: @escaping @Sendable (inout ExpositionWriter) -> Void
    ) {
        precondition(MetricName.isValid(name), "not a metric's name: \(name)")
        precondition(labels.allSatisfy(MetricName.isValidLabel), "not labels' names: \(labels)")
        precondition(Set(labels).count == labels.count, "labels of \(name) stand twice: \(labels)")
        entries.withLock { entries in
            precondition(!entries.contains { $0.name == name }, "registered twice: \(name)")
            entries.append(Entry(name: name, help: help, type: type, labels: labels, write: write))
        }
    }
}
