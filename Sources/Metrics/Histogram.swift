import Synchronization

/// The number of values in each of several fixed ranges, and their sum: a `histogram` of Prometheus.
///
/// Values are integers, mostly microseconds. `MetricScale` converts them for the page. Any thread may observe at any time, without
/// a lock.
package final class Histogram: Sendable {
    /// The most bounds a histogram can have.
    package static let maximumBounds = 31

    /// The highest value of each range. The last range has no bound.
    package let bounds: [Int]
    private let counts = InlineArray<32, Atomic<Int>> { _ in Atomic(0) }
    private let sum = Atomic<Int>(0)

    /// An empty histogram, in no registry: see `MetricRegistry.histogram`.
    ///
    /// - Parameter bounds: rising, 1 to `maximumBounds` of them.
    package init(bounds: [Int]) {
        precondition((1...Self.maximumBounds).contains(bounds.count), "a histogram has 1 to 31 bounds")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }, "the bounds of a histogram rise")
        self.bounds = bounds
    }

    /// Counts `value`.
    package func observe(_ value: Int) {
        var index = 0
        // Linear search is faster than binary search for so few bounds, and most values are small.
        while index < bounds.count, bounds[index] < value { index += 1 }
        counts[index].wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(value, ordering: .relaxed)
    }

    /// The present counts and sum.
    ///
    /// A value that is observed at the same time can be in its range and not yet in the sum.
    package var snapshot: HistogramSnapshot {
        let sum = sum.load(ordering: .relaxed)
        return HistogramSnapshot(
            bounds: bounds, counts: (0...bounds.count).map { counts[$0].load(ordering: .relaxed) }, sum: sum)
    }
}

/// A histogram at one moment.
package struct HistogramSnapshot: Hashable, Sendable {
    /// The highest value of each range but the last.
    package let bounds: [Int]
    /// The number of values in each range alone. There is one more range than bounds.
    package let counts: [Int]
    /// The sum of all values.
    package let sum: Int

    /// The number of all values.
    package var count: Int { counts.reduce(0, +) }
}

extension Histogram {
    /// Bounds in microseconds, from a millisecond (an embedding) to ten minutes (a long stream).
    package static let durationBounds = [
        1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000, 30_000_000, 60_000_000, 120_000_000, 300_000_000, 600_000_000,
    ]
}
