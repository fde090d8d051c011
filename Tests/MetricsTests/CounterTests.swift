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

    @Test func neverFalls() {
        let counter = Counter()
        counter.add(5)
        counter.add(-3)
        counter.add(.min)
        counter.add(0)
        #expect(counter.value == 5)
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
