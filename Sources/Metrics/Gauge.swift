import Synchronization

/// A number that rises and falls, as Prometheus' `gauge`: what is open, waiting or held just now.
package final class Gauge: Sendable {
    private let current: Atomic<Int>

    /// A gauge at `value`, which no registry shows: see `MetricRegistry.gauge`.
    package init(_ value: Int = 0) { current = Atomic(value) }

    /// Raises the number by `amount`.
    package func add(_ amount: Int = 1) { current.wrappingAdd(amount, ordering: .relaxed) }

    /// Lowers the number by `amount`.
    package func subtract(_ amount: Int = 1) { current.wrappingSubtract(amount, ordering: .relaxed) }

    /// Replaces the number.
    package func set(_ value: Int) { current.store(value, ordering: .relaxed) }

    /// The number just now.
    package var value: Int { current.load(ordering: .relaxed) }
}
