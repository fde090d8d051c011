import EventLoop
import Metrics
import OpenAIAPI
import Policy

/// What the gateway counts. Names of models come from callers: the families bound how many are told apart.
package final class GatewayMetrics: Sendable {
    let requests: CounterFamily
    let tokens: CounterFamily
    let durations: HistogramFamily
    let firstBytes: HistogramFamily
    let inFlight: Gauge
    let refusedConnections: Counter
    let unknownModels: Counter

    /// Registers everything with `registry`.
    package init(_ registry: MetricRegistry) {
        requests = registry.counter(
            "propylon_requests_total", "Requests that are over, by endpoint and the status that the caller was sent.",
            labels: ["endpoint", "status"])
        tokens = registry.counter(
            "propylon_tokens_total", "Tokens of requests that are over, as the ledger has them.",
            labels: ["direction", "model"])
        durations = registry.histogram(
            "propylon_request_duration_seconds", "From a request's head to its end.", labels: ["endpoint"])
        firstBytes = registry.histogram(
            "propylon_first_byte_seconds", "From a request's head to the upstream's first byte.", labels: ["endpoint"])
        inFlight = registry.gauge("propylon_requests_in_flight", "Requests that are under way.")
        refusedConnections = registry.counter(
            "propylon_refused_connections_total",
            "Connections on which there was no request to answer: malformed, slow, too many.")
        unknownModels = registry.counter(
            "propylon_unknown_model_requests_total",
            "Billed requests whose model has no price of its own: the default price was used.")
    }

    /// A request has begun.
    func begin() { inFlight.add() }

    /// A request is over; `record` is its row where it has one.
    func end(endpoint: Endpoint?, record: UsageRecord?, status: Int, startedAt: MonotonicTime) {
        inFlight.subtract()
        let name = endpoint?.rawValue ?? "none"
        requests.with(labels: LabelValues(name, Self.text(of: status))).add()
        durations.with(labels: LabelValues(name)).observe(Self.microseconds(.now - startedAt))
        guard let record, let firstByteAt = record.firstByteAt else { return }
        firstBytes.with(labels: LabelValues(name)).observe(Self.microseconds(firstByteAt - record.startedAt))
        guard let model = record.modelServed else { return }
        if record.units.inputTokens > 0 {
            tokens.with(labels: LabelValues("input", model)).add(Int(record.units.inputTokens))
        }
        if record.units.outputTokens > 0 {
            tokens.with(labels: LabelValues("output", model)).add(Int(record.units.outputTokens))
        }
    }

    private static func microseconds(_ duration: Duration) -> Int {
        max(0, Int(duration.components.seconds) * 1_000_000 + Int(duration.components.attoseconds / 1_000_000_000_000))
    }

    /// Most answers are of a few statuses: no text is made for those.
    private static func text(of status: Int) -> String {
        switch status {
        case 200: "200"
        case 400: "400"
        case 401: "401"
        case 429: "429"
        case 499: "499"
        case 502: "502"
        default: String(status)
        }
    }
}
