import Synchronization

/// A number that only grows, as Prometheus' `counter`. Any thread may add at any time; nothing is locked.
package final class Counter: Sendable {
    private let total = Atomic<Int>(0)

    /// A counter at zero, which no registry shows: see `MetricRegistry.counter`.
    package init() {}

    /// Adds `amount`, which must not be negative.
    package func add(_ amount: Int = 1) {
        assert(amount >= 0, "a counter never falls")
        total.wrappingAdd(amount, ordering: .relaxed)
    }

    /// What was added so far.
    package var value: Int { total.load(ordering: .relaxed) }
}
