import Synchronization

/// Counters that share a name and differ in their labels.
package typealias CounterFamily = MetricFamily<Counter>
/// Gauges that share a name and differ in their labels.
package typealias GaugeFamily = MetricFamily<Gauge>
/// Histograms that share a name, their bounds, and differ in their labels.
package typealias HistogramFamily = MetricFamily<Histogram>

/// Metrics of one name that differ in the values of their labels, each made when it is first asked for.
///
/// The number of children is bounded, since a label may come from a caller (a model's name, say). Put the label with the least
/// bounded values last: beyond `limit` children its value becomes `other`; beyond twice as many, the value of every label.
package final class MetricFamily<Child: AnyObject & Sendable>: Sendable {
    /// The names of the labels, in the order in which `with(labels:)` takes their values.
    package let labelNames: [String]
    private let make: @Sendable () -> Child
    private let state: Mutex<State>

    private struct State {
        var index: LabelIndex
        /// The children by their number in `index`.
        var children: [Child] = []
    }

    /// A family without children, which no registry shows.
    init(labelNames: [String], limit: Int, make: @escaping @Sendable () -> Child) {
        precondition((1...4).contains(labelNames.count), "a metric has one to four labels")
        precondition(limit > 0, "a family has room for a child at least")
        self.labelNames = labelNames
        self.make = make
        state = Mutex(State(index: LabelIndex(limit: limit)))
    }

    /// The child with these values. Hold on to it where the values do not change.
    package func with(labels values: LabelValues) -> Child {
        precondition(values.count == labelNames.count, "as many values as the family has labels")
        return state.withLock { state in
            let number = state.index.number(of: values)
            if number == state.children.count { state.children.append(make()) }
            return state.children[number]
        }
    }

    /// All children, in the order of their labels' values.
    var sortedChildren: [(values: [String], child: Child)] {
        state.withLock { state in zip(state.index.values, state.children).map { (values: $0.array, child: $1) } }
            .sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }
}
