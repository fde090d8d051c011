import Metrics
import Testing

@Suite struct CounterTests {
    @Test func countsFromZero() {
        let counter = Counter()
        #expect(counter.value == 0)
        counter.add()
        counter.add(41)
        #expect(counter.value == 42)
    }

    @Test func losesNothingUnderContention() async {
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for amount in 1...8 {
                group.addTask { @concurrent in
                    for _ in 0..<50_000 { counter.add(amount) }
                }
            }
        }
        #expect(counter.value == 50_000 * (1...8).reduce(0, +))
    }
}
