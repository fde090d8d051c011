import SeededRandom
import Testing

@testable import Metrics

@Suite struct MetricScaleTests {
    @Test(arguments: [
        (0, "0"), (1, "0.000001"), (-1, "-0.000001"), (10, "0.00001"), (999_999, "0.999999"), (1_000_000, "1"),
        (1_500_000, "1.5"), (-2_000_001, "-2.000001"), (600_000_000, "600"), (100_000, "0.1"),
        (Int.max, "9223372036854.775807"), (Int.min, "-9223372036854.775808"),
    ]) func microsecondsAsSeconds(value: Int, text: String) {
        #expect(MetricScale.microsecondsAsSeconds.text(value) == text)
    }

    @Test(arguments: [(0, "0"), (1, "0.000000001"), (1_800, "0.0000018"), (25_000_000_000, "25")])
    func billionthsAsOnes(value: Int, text: String) {
        #expect(MetricScale.billionthsAsOnes.text(value) == text)
    }

    @Test(arguments: [(0, "0"), (1_000_000, "1000000"), (-7, "-7"), (Int.min, "-9223372036854775808")])
    func one(value: Int, text: String) {
        #expect(MetricScale.one.text(value) == text)
    }

    @Test func isTheSameNumber() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let value = Int.random(in: -(1 << 52)...(1 << 52), using: &random) >> Int.random(in: 0...50, using: &random)
            #expect(Double(MetricScale.microsecondsAsSeconds.text(value)) == Double(value) / 1e6)
        }
    }
}
