import Metrics
import SeededRandom
import Testing

@Suite struct HistogramTests {
    @Test func aBoundBelongsToItsRange() {
        let histogram = Histogram(bounds: [10, 20])
        for value in [-1, 0, 10, 11, 20, 21, Int.max / 2] { histogram.observe(value) }
        let snapshot = histogram.snapshot
        #expect(snapshot.counts == [3, 2, 2])
        #expect(snapshot.count == 7)
        #expect(snapshot.sum == -1 + 0 + 10 + 11 + 20 + 21 + Int.max / 2)
    }

    @Test func startsEmpty() {
        let snapshot = Histogram(bounds: Histogram.durationBounds).snapshot
        #expect(snapshot.counts == Array(repeating: 0, count: Histogram.durationBounds.count + 1))
        #expect(snapshot.sum == 0)
    }

    @Test(arguments: 0..<20) func agreesWithASlowModel(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let count = Int.random(in: 1...Histogram.maximumBounds, using: &random)
        var distinct: Set<Int> = []
        while distinct.count < count { distinct.insert(Int.random(in: -100...1000, using: &random)) }
        let bounds = distinct.sorted()
        let histogram = Histogram(bounds: bounds)
        let values = (0..<500).map { _ in Int.random(in: -150...1100, using: &random) }
        for value in values { histogram.observe(value) }
        var expected: [Int] = []
        for index in 0...bounds.count {
            expected.append(
                values.filter { value in
                    (index == 0 || value > bounds[index - 1]) && (index == bounds.count || value <= bounds[index])
                }.count)
        }
        #expect(histogram.snapshot.counts == expected)
        #expect(histogram.snapshot.sum == values.reduce(0, +))
    }

    @Test func losesNothingUnderContention() async {
        let histogram = Histogram(bounds: Array(stride(from: 0, to: 31, by: 1)))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { @concurrent in
                    for index in 0..<64_000 { histogram.observe(index % 32) }
                }
            }
        }
        #expect(histogram.snapshot.counts == Array(repeating: 16_000, count: 32))
        #expect(histogram.snapshot.sum == 16_000 * (0..<32).reduce(0, +))
    }

    @Test func aSnapshotNeverFalls() async {
        let histogram = Histogram(bounds: [1])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { @concurrent in
                for index in 0..<20_000 { histogram.observe(index % 3) }
            }
            group.addTask { @concurrent in
                var last = histogram.snapshot
                for _ in 0..<2_000 {
                    let next = histogram.snapshot
                    #expect(zip(last.counts, next.counts).allSatisfy { $0 <= $1 })
                    #expect(last.sum <= next.sum)
                    last = next
                }
            }
        }
        #expect(histogram.snapshot.count == 20_000)
    }
}
