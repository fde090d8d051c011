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
}
