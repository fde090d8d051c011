import Metrics
import Testing

@Suite struct GaugeTests {
    @Test func risesAndFalls() {
        let gauge = Gauge(5)
        gauge.add()
        gauge.add(10)
        gauge.subtract()
        gauge.subtract(20)
        #expect(gauge.value == -5)
        gauge.set(7)
        #expect(gauge.value == 7)
    }

    @Test func isBackAtZeroAfterManyThreads() async {
        let gauge = Gauge()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { @concurrent in
                    for _ in 0..<50_000 {
                        gauge.add(3)
                        gauge.subtract(2)
                        gauge.subtract()
                    }
                }
            }
        }
        #expect(gauge.value == 0)
    }
}
