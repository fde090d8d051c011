import Synchronization

/// A number that rises and falls: a `gauge` of Prometheus, for things that are open, waiting or held at present.
package final class Gauge: Sendable {
    private let current: Atomic<Int>

    /// A gauge at `value`, in no registry: see `MetricRegistry.gauge`.
    package init(_ value: Int = 0) { current = Atomic(value) }

    /// Raises the number by `amount`.
    package func add(_ amount: Int = 1) { current.wrappingAdd(amount, ordering: .relaxed) }

    /// Lowers the number by `amount`.
    package func subtract(_ amount: Int = 1) { current.wrappingSubtract(amount, ordering: .relaxed) }

    /// Replaces the number.
    package func set(_ value: Int) { current.store(value, ordering: .relaxed) }

    /// The present number.
    package var value: Int { current.load(ordering: .relaxed) }
}
