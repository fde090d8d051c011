import Synchronization

/// Counters that share a name and differ in their labels.
package typealias CounterFamily = MetricFamily<Counter>
/// Gauges that share a name and differ in their labels.
package typealias GaugeFamily = MetricFamily<Gauge>
/// Histograms that share a name and bounds, and differ in their labels.
package typealias HistogramFamily = MetricFamily<Histogram>

/// Metrics of one name that differ in the values of their labels. Each child is created at its first use.
///
/// The number of children is bounded, since a label can come from a client (the name of a model, for example). Put the label with
/// the most possible values last: beyond `limit` children its value becomes `other`, and beyond twice as many, all values do.
package final class MetricFamily<Child: AnyObject & Sendable>: Sendable {
    /// The names of the labels, in the order of the values in `with(labels:)`.
    package let labelNames: [String]
    private let make: @Sendable () -> Child
    private let state: Mutex<State>

    private struct State {
        var index: LabelIndex
        /// The children by their number in `index`.
        var children: [Child] = []
    }

    /// A family without children, in no registry: see `MetricRegistry`.
    package init(labelNames: [String], limit: Int, make: @escaping @Sendable () -> Child) {
        precondition((1...4).contains(labelNames.count), "a metric has one to four labels")
        precondition(limit > 0, "the limit of a family is at least one child")
        self.labelNames = labelNames
        self.make = make
        state = Mutex(State(index: LabelIndex(limit: limit)))
    }

    /// The child with these values. Keep it if the values do not change.
    package func with(labels values: LabelValues) -> Child {
        precondition(values.count == labelNames.count, "a family needs one value for each of its labels")
        return state.withLock { state in
            let number = state.index.number(of: values)
            if number == state.children.count { state.children.append(make()) }
            return state.children[number]
        }
    }

    /// All children, in the order of their labels' values.
    package var sortedChildren: [(values: [String], child: Child)] {
        state.withLock { state in zip(state.index.values, state.children).map { (values: $0.array, child: $1) } }
            .sorted { $0.values.lexicographicallyPrecedes($1.values) }
    }
}
