import Synchronization

/// How many values fell into each of a few fixed ranges, and their sum, as Prometheus' `histogram`.
///
/// Values are integers in the caller's unit, mostly microseconds; `MetricScale` says how they are shown. Any thread may observe
/// at any time; nothing is locked.
package final class Histogram: Sendable {
    /// The most bounds a histogram can have.
    package static let maximumBounds = 31

    /// The highest value of each range, itself included; the last range has none.
    package let bounds: [Int]
    private let counts = InlineArray<32, Atomic<Int>> { _ in Atomic(0) }
    private let sum = Atomic<Int>(0)

    /// A histogram that has seen nothing, and which no registry shows: see `MetricRegistry.histogram`.
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
        // So few bounds are searched faster from the front than by halving, and most values are small.
        while index < bounds.count, bounds[index] < value { index += 1 }
        counts[index].wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(value, ordering: .relaxed)
    }

    /// What was seen so far.
    ///
    /// The counts are whole and only grow. A value that is observed meanwhile may be in its range and not yet in the sum.
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
    /// How many values fell into each range alone; one more than there are bounds.
    package let counts: [Int]
    /// The sum of all values.
    package let sum: Int

    /// How many values there were.
    package var count: Int { counts.reduce(0, +) }
}

extension Histogram {
    /// Bounds in microseconds for what takes from a millisecond (an embedding) to ten minutes (a long stream).
    package static let durationBounds = [
        1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000, 30_000_000, 60_000_000, 120_000_000, 300_000_000, 600_000_000,
    ]
}
