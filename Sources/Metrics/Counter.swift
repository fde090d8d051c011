import Synchronization

/// A number that only grows: a `counter` of Prometheus. Any thread may add at any time, without a lock.
package final class Counter: Sendable {
    private let total = Atomic<Int>(0)

    /// A counter at zero, in no registry: see `MetricRegistry.counter`.
    package init() {}

    /// Adds `amount`. Ignores a negative amount, since a counter never falls.
    package func add(_ amount: Int = 1) {
        guard amount > 0 else { return }
        total.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum of all amounts.
    package var value: Int { total.load(ordering: .relaxed) }
}
