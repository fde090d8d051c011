import SeededRandom
import Testing

@testable import Metrics

@Suite struct ExpositionWriterTests {
    @Test func writesAHistogram() {
        var writer = ExpositionWriter()
        let snapshot = HistogramSnapshot(bounds: [1_000, 500_000], counts: [1, 2, 3], sum: 7_000_001)
        writer.open(MetricDeclaration(.histogram, "wait_seconds", "Time spent waiting.", labels: []))
        writer.histogram(
            "wait_seconds", snapshot, BoundTexts(snapshot.bounds, .microsecondsAsSeconds), .microsecondsAsSeconds,
            LabelText(["side"], ["upstream"]))
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == """
                # HELP wait_seconds Time spent waiting.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{side="upstream",le="0.001"} 1
                wait_seconds_bucket{side="upstream",le="0.5"} 3
                wait_seconds_bucket{side="upstream",le="+Inf"} 6
                wait_seconds_sum{side="upstream"} 7.000001
                wait_seconds_count{side="upstream"} 6

                """)
    }

    @Test func aHistogramWithoutLabelsHasItsBounds() {
        var writer = ExpositionWriter()
        writer.histogram(
            "a", HistogramSnapshot(bounds: [1], counts: [0, 4], sum: 9), BoundTexts([1], .one), .one)
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == "a_bucket{le=\"1\"} 0\na_bucket{le=\"+Inf\"} 4\na_sum 9\na_count 4\n")
    }

    @Test(arguments: [0, 7, -7, Int.max, Int.min], [MetricScale.one, .microsecondsAsSeconds])
    func numbersAreThoseOfTheirScale(value: Int, scale: MetricScale) {
        var writer = ExpositionWriter()
        writer.sample("a", value, scale)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "a \(scale.text(value))\n")
    }

    @Test func escapes() {
        var writer = ExpositionWriter()
        writer.open(MetricDeclaration(.gauge, "a", "one \\ two\nthree \"four\"", labels: []))
        writer.sample("a", "1", LabelText(["x"], ["one \\ two\nthree \"four\""]))
        #expect(
            String(decoding: writer.bytes, as: UTF8.self) == #"""
                # HELP a one \\ two\nthree "four"
                # TYPE a gauge
                a{x="one \\ two\nthree \"four\""} 1

                """#)
    }

    @Test(arguments: 0..<200) func whateverIsWrittenIsReadTheSame(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let help = random.text()
        let labels = ["a", "b", "c"].map { ($0, random.text()) }
        var writer = ExpositionWriter()
        writer.open(MetricDeclaration(.gauge, "m", help, labels: []))
        writer.sample("m", "-0.5", LabelText(labels.map(\.0), labels.map(\.1)))
        let page = try ExpositionPage(writer.bytes)
        let metric = try #require(page["m"])
        #expect(Array(metric.help.utf8) == Array(help.utf8))
        #expect(metric.samples.count == 1)
        #expect(metric.samples[0].value == -0.5)
        #expect(metric.samples[0].labels.map { Array($0.value.utf8) } == labels.map { Array($0.1.utf8) })
    }

    @Test(
        arguments: [
            (0, "0"), (12, "12"), (-0.0, "0"), (-1.25, "-1.25"), (1e-5, "1e-05"), (1e300, "1e+300"),
            (.infinity, "+Inf"), (-.infinity, "-Inf"),
            (.nan, "NaN"),
        ] as [(Double, String)]) func numbers(value: Double, text: String)
    {
        #expect(ExpositionWriter.text(value) == text)
    }
}
