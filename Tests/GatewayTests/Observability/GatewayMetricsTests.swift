import Clocks
import Metrics
import Policy
import Testing

@testable import Gateway

@Suite struct GatewayMetricsTests {
    private let registry = MetricRegistry()

    private var exposition: String { String(decoding: registry.exposition(), as: UTF8.self) }

    @Test(arguments: Cause.allCases) func failuresAreCountedByCause(cause: Cause) {
        let metrics = GatewayMetrics(registry)
        metrics.end(endpoint: .embeddings, row: nil, status: 200, failure: nil, microseconds: 1)
        #expect(!exposition.contains("propylon_failures_total{"))
        metrics.end(endpoint: .embeddings, row: nil, status: 502, failure: cause, microseconds: 1)
        #expect(
            exposition.contains(
                #"propylon_failures_total{side="\#(cause.side.rawValue)",cause="\#(cause.rawValue)"} 1"#))
    }

    /// Rows of a clock that was set hold any times.
    @Test(arguments: [Int64.min, 0, .max], [Int64.min, 0, .max]) func timesFarApartAreObserved(
        start: Int64, first: Int64
    ) {
        let metrics = GatewayMetrics(registry)
        var record = UsageRecord(
            id: RequestID(high: 1, low: 1), keyID: "key", team: nil, endpoint: "embeddings",
            startedAt: Timestamp(microseconds: start))
        record.firstByteAt = Timestamp(microseconds: first)
        metrics.end(endpoint: .embeddings, row: RequestDetails.Row(record), status: 200, failure: nil, microseconds: 1)
        #expect(exposition.contains(#"propylon_first_byte_seconds_count{endpoint="embeddings"} 1"#))
    }

    /// A request that was sent and never answered has tokens, estimated, and no first byte.
    @Test func tokensAreCountedWithoutAFirstByte() {
        let metrics = GatewayMetrics(registry)
        var record = UsageRecord(
            id: RequestID(high: 1, low: 1), keyID: "key", team: nil, endpoint: "embeddings",
            startedAt: Timestamp(seconds: 1))
        record.modelServed = "m"
        record.units.inputTokens = 7
        metrics.end(
            endpoint: .embeddings, row: RequestDetails.Row(record), status: 504, failure: .upstreamFirstByteTimeout,
            microseconds: 1)
        #expect(exposition.contains(#"propylon_tokens_total{direction="input",model="m"} 7"#))
        #expect(!exposition.contains(#"propylon_first_byte_seconds_count{endpoint="embeddings"} 1"#))
    }

    private func row(_ key: String, model: String = "m") -> RequestDetails.Row {
        var record = UsageRecord(
            id: RequestID(high: 1, low: 1), keyID: key, team: nil, endpoint: "embeddings",
            startedAt: Timestamp(seconds: 1))
        record.modelServed = model
        record.units.inputTokens = 7
        record.units.outputTokens = 2
        record.cost = NanoEuros(1_500_000)
        return RequestDetails.Row(record)
    }

    private func end(_ metrics: GatewayMetrics, _ row: RequestDetails.Row?) {
        metrics.end(endpoint: .embeddings, row: row, status: 200, failure: nil, microseconds: 1)
    }

    private func series(_ name: String) -> [Substring] {
        exposition.split(separator: "\n").filter { $0.hasPrefix(name) }
    }

    @Test func noKeyHasSeriesWithoutTheSetting() {
        let metrics = GatewayMetrics(registry)
        end(metrics, row("ada"))
        #expect(series("propylon_key_").isEmpty)
    }

    @Test func keysHaveTheirUsage() {
        let metrics = GatewayMetrics(registry, keys: 10)
        for _ in 0..<2 { end(metrics, row("ada")) }
        end(metrics, nil)
        #expect(
            series("propylon_key_") == [
                #"propylon_key_requests_total{key="ada"} 2"#,
                #"propylon_key_tokens_total{direction="input",key="ada"} 14"#,
                #"propylon_key_tokens_total{direction="output",key="ada"} 4"#,
                #"propylon_key_cost_eur_total{key="ada"} 0.003"#,
            ])
    }

    /// Whatever the number of keys and models: as many series as the configuration says, and one for the others.
    @Test(arguments: [2, 5]) func seriesAreBounded(limit: Int) {
        let metrics = GatewayMetrics(registry, models: limit, keys: limit)
        for number in 0..<100 { end(metrics, row("key-\(number)", model: "model-\(number)")) }
        #expect(series("propylon_key_requests_total").count == limit + 1)
        #expect(series("propylon_key_cost_eur_total").count == limit + 1)
        #expect(series("propylon_key_tokens_total").count == 2 * limit + 2)
        #expect(series("propylon_tokens_total").count == 2 * limit + 2)
        #expect(
            series(#"propylon_key_requests_total{key="other"}"#) == [
                #"propylon_key_requests_total{key="other"} \#(100 - limit)"#
            ])
    }
}
