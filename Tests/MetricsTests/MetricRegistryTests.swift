import Metrics
import SeededRandom
import Testing

@Suite struct MetricRegistryTests {
    @Test func anEmptyRegistryIsAnEmptyPage() {
        #expect(MetricRegistry().exposition().isEmpty)
    }

    @Test func isWrittenExactlySo() {
        let registry = MetricRegistry()
        let requests = registry.counter(
            "propylon_requests_total", "Requests answered.", labels: ["endpoint", "status"])
        let refused = registry.counter("propylon_refused_total", "Connections refused.")
        registry.gauge("propylon_ledger_lag_seconds", "Age of the oldest row that is not on the disk.") { 0.25 }
        requests.with(labels: ["embeddings", "200"]).add(2)
        requests.with(labels: ["chat/completions", "429"]).add()
        requests.with(labels: ["chat/completions", "200"]).add(7)
        refused.add(3)
        #expect(
            String(decoding: registry.exposition(), as: UTF8.self) == """
                # HELP propylon_requests_total Requests answered.
                # TYPE propylon_requests_total counter
                propylon_requests_total{endpoint="chat/completions",status="200"} 7
                propylon_requests_total{endpoint="chat/completions",status="429"} 1
                propylon_requests_total{endpoint="embeddings",status="200"} 2
                # HELP propylon_refused_total Connections refused.
                # TYPE propylon_refused_total counter
                propylon_refused_total 3
                # HELP propylon_ledger_lag_seconds Age of the oldest row that is not on the disk.
                # TYPE propylon_ledger_lag_seconds gauge
                propylon_ledger_lag_seconds 0.25

                """)
    }

    @Test func everyKindIsReadBack() throws {
        let registry = MetricRegistry()
        registry.counter("cost_total", "Euros.", scale: .billionthsAsOnes).add(1_800)
        registry.counter("cpu_seconds_total", "Kept elsewhere.") { 12.5 }
        registry.counter("family_total", "A family.", labels: ["x"]).with(labels: ["\"\\\n"]).add(4)
        registry.gauge("level", "A level.").set(-3)
        registry.gauge("levels", "Levels.", labels: ["side"]).with(labels: ["caller"]).add(9)
        registry.gauge("read", "Read levels.", labels: ["state"]) { [(["open"], 2), (["resting"], .infinity)] }
        registry.histogram("wait_seconds", "A wait.", bounds: [1_000, 2_000]).observe(1_500)
        registry.histogram("sizes", "Sizes.", labels: ["x"], bounds: [1, 2], scale: .one).with(labels: ["y"]).observe(9)
        let page = try ExpositionPage(registry.exposition())
        #expect(
            page.metrics.map(\.name) == [
                "cost_total", "cpu_seconds_total", "family_total", "level", "levels", "read", "wait_seconds", "sizes",
            ])
        #expect(
            page.metrics.map(\.type) == [
                "counter", "counter", "counter", "gauge", "gauge", "gauge", "histogram", "histogram",
            ])
        #expect(page["cost_total"]?.samples.map(\.value) == [0.0000018])
        #expect(page["cpu_seconds_total"]?.samples.map(\.value) == [12.5])
        #expect(page["family_total"]?.samples.first?.label("x") == "\"\\\n")
        #expect(page["level"]?.samples.map(\.value) == [-3])
        #expect(page["levels"]?.samples.map(\.value) == [9])
        #expect(page["read"]?.samples.map(\.value) == [2, .infinity])
        #expect(page["wait_seconds"]?.samples.map(\.value) == [0, 1, 1, 0.0015, 1])
        #expect(page["sizes"]?.samples.map(\.value) == [0, 0, 1, 9, 1])
        #expect(page["sizes"]?.samples.allSatisfy { $0.label("x") == "y" } == true)
    }

    @Test func aFamilyWithoutChildrenIsShownWithoutSamples() throws {
        let registry = MetricRegistry()
        _ = registry.counter("none_total", "Nothing yet.", labels: ["x"])
        #expect(try ExpositionPage(registry.exposition())["none_total"]?.samples.isEmpty == true)
    }

    @Test func aReadMetricMayRegisterAnotherOne() throws {
        let registry = MetricRegistry()
        registry.gauge("outer", "Registers while it is read.") {
            _ = registry.counter("inner_total", "Made late.")
            return 1
        }
        #expect(try ExpositionPage(registry.exposition()).metrics.map(\.name) == ["outer"])
    }

    @Test func everyPageUnderLoadIsWhole() async throws {
        let registry = MetricRegistry()
        let requests = registry.counter("requests_total", "Requests.", labels: ["status", "model"], limit: 20)
        let waits = registry.histogram("waits_seconds", "Waits.", labels: ["model"], limit: 5)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 0..<4 {
                group.addTask { @concurrent in
                    var random = SeededGenerator(seed: UInt64(seed))
                    for _ in 0..<2_000 {
                        let model = random.text()
                        requests.with(labels: ["200", model]).add()
                        waits.with(labels: [model]).observe(Int.random(in: 0...700_000_000, using: &random))
                    }
                }
            }
            group.addTask { @concurrent in
                for _ in 0..<50 {
                    let histogram = try #require(ExpositionPage(registry.exposition())["waits_seconds"])
                    for samples in histogram.samples.split(whereSeparator: { $0.name == "waits_seconds_sum" })
                        .dropLast()
                    {
                        let buckets = samples.filter { $0.name == "waits_seconds_bucket" }.map(\.value)
                        #expect(zip(buckets, buckets.dropFirst()).allSatisfy { $0 <= $1 })
                    }
                }
            }
            try await group.waitForAll()
        }
        let page = try ExpositionPage(registry.exposition())
        #expect(page["requests_total"]?.samples.reduce(0) { $0 + $1.value } == 8_000)
        let counts = page["waits_seconds"]?.samples.filter { $0.name == "waits_seconds_count" }
        #expect(counts?.reduce(0) { $0 + $1.value } == 8_000)
    }
}

@Suite struct MetricRegistryMisuseTests {
    @Test func aNameTwiceEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricRegistry()
            _ = registry.counter("a_total", "One.")
            _ = registry.gauge("a_total", "Two.")
        }
    }

    @Test func aCounterWithoutTotalEndsTheProcess() async {
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().counter("requests", "No suffix.") }
    }
}
