import Synchronization

/// All metrics of the process, in the order in which they were registered.
///
/// Register metrics at start, and keep the handles: there is no look-up by name. Names must be valid and new, and the name of a
/// counter ends in `_total`. Anything else is a mistake of the programmer and ends the process.
///
/// ```swift
/// let registry = MetricRegistry()
/// let requests = registry.counter("propylon_requests_total", "Finished requests.", labels: ["endpoint", "status"])
/// requests.with(labels: ["chat/completions", "200"]).add()
/// let page = registry.exposition()
/// ```
package final class MetricRegistry: Sendable {
    private struct Entry: Sendable {
        let declaration: MetricDeclaration
        let write: @Sendable (inout ExpositionWriter) -> Void
    }

    private let entries = Mutex<[Entry]>([])

    /// A registry without metrics.
    package init() {}

    /// The declarations of all metrics, in the order in which they were registered.
    package var declarations: [MetricDeclaration] { entries.withLock { $0.map(\.declaration) } }

    /// The page of `GET /metrics`: text format 0.0.4, `text/plain; version=0.0.4; charset=utf-8`.
    ///
    /// The children of a metric are sorted by the values of their labels.
    package func exposition() -> [UInt8] {
        // Outside the lock: a closure that reads a metric may take time, or a lock.
        let entries = entries.withLock { $0 }
        var writer = ExpositionWriter()
        for entry in entries {
            writer.open(entry.declaration)
            entry.write(&writer)
        }
        return writer.bytes
    }

    // MARK: Counters

    /// Registers a counter.
    package func counter(_ name: String, _ help: String, scale: MetricScale = .one) -> Counter {
        let counter = Counter()
        register(.counter, name, help) { $0.sample(name, counter.value, scale) }
        return counter
    }

    /// Registers a family of counters. Beyond `limit` children, labels become `other`: see `MetricFamily`.
    package func counter(
        _ name: String, _ help: String, labels: [String], limit: Int = 1000, scale: MetricScale = .one
    ) -> CounterFamily {
        let family = CounterFamily(labelNames: labels, limit: limit) { Counter() }
        register(.counter, name, help, labels) { writer in
            for row in family.sortedChildren { writer.sample(name, row.child.value, scale, row.text) }
        }
        return family
    }

    /// Registers a counter that other code keeps. `read` is called for every page, on the thread that makes the page.
    package func counter(_ name: String, _ help: String, read: @escaping @Sendable () -> Double) {
        register(.counter, name, help) { $0.sample(name, ExpositionWriter.text(read())) }
    }

    // MARK: Gauges

    /// Registers a gauge.
    package func gauge(_ name: String, _ help: String, scale: MetricScale = .one) -> Gauge {
        let gauge = Gauge()
        register(.gauge, name, help) { $0.sample(name, gauge.value, scale) }
        return gauge
    }

    /// Registers a family of gauges. Beyond `limit` children, labels become `other`: see `MetricFamily`.
    package func gauge(
        _ name: String, _ help: String, labels: [String], limit: Int = 1000, scale: MetricScale = .one
    ) -> GaugeFamily {
        let family = GaugeFamily(labelNames: labels, limit: limit) { Gauge() }
        register(.gauge, name, help, labels) { writer in
            for row in family.sortedChildren { writer.sample(name, row.child.value, scale, row.text) }
        }
        return family
    }

    /// Registers a gauge that other code keeps. `read` is called for every page, on the thread that makes the page.
    package func gauge(_ name: String, _ help: String, read: @escaping @Sendable () -> Double) {
        register(.gauge, name, help) { $0.sample(name, ExpositionWriter.text(read())) }
    }

    /// Registers gauges that other code keeps. `read` is called for every page, on the thread that makes the page, and returns
    /// each child once.
    package func gauge(
        _ name: String, _ help: String, labels: [String],
        read: @escaping @Sendable () -> [(labels: LabelValues, value: Double)]
    ) {
        register(.gauge, name, help, labels) { writer in
            for child in read() {
                precondition(child.labels.count == labels.count, "\(name) needs one value for each of its labels")
                writer.sample(
                    name, ExpositionWriter.text(child.value), LabelText(labels, child.labels.array))
            }
        }
    }

    // MARK: Histograms

    /// Registers a histogram. `bounds` and the observed values have the unit of `scale`, microseconds by default.
    package func histogram(
        _ name: String, _ help: String, bounds: [Int] = Histogram.durationBounds,
        scale: MetricScale = .microsecondsAsSeconds
    ) -> Histogram {
        let (histogram, texts) = (Histogram(bounds: bounds), BoundTexts(bounds, scale))
        register(.histogram, name, help) { $0.histogram(name, histogram.snapshot, texts, scale) }
        return histogram
    }

    /// Registers a family of histograms. Beyond `limit` children, labels become `other`: see `MetricFamily`.
    package func histogram(
        _ name: String, _ help: String, labels: [String], limit: Int = 100, bounds: [Int] = Histogram.durationBounds,
        scale: MetricScale = .microsecondsAsSeconds
    ) -> HistogramFamily {
        let family = HistogramFamily(labelNames: labels, limit: limit) { Histogram(bounds: bounds) }
        let texts = BoundTexts(bounds, scale)
        register(.histogram, name, help, labels) { writer in
            for row in family.sortedChildren { writer.histogram(name, row.child.snapshot, texts, scale, row.text) }
        }
        return family
    }

    private func register(
        _ kind: MetricDeclaration.Kind, _ name: String, _ help: String, _ labels: [String] = [],
        write: @escaping @Sendable (inout ExpositionWriter) -> Void
    ) {
        let declaration = MetricDeclaration(kind, name, help, labels: labels)
        entries.withLock { entries in
            precondition(!entries.contains { $0.declaration.name == name }, "a metric is registered twice: \(name)")
            entries.append(Entry(declaration: declaration, write: write))
        }
    }
}
