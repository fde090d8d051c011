import Bytes
import Clocks
import Metrics
import OpenAIAPI
import Policy
import Synchronization
import Transport

/// The gateway's metrics. Names of models come from clients: the families bound how many there are.
package final class GatewayMetrics: Sendable {
    private let requests: CounterFamily
    private let tokens: CounterFamily
    private let failures: CounterFamily
    /// Metrics by the endpoints' ordinals; the last entry is for requests without an endpoint.
    private let endpoints: [EndpointMetrics]
    private let latestModel = Mutex<ModelMetrics?>(nil)
    let inFlight: Gauge
    let refusedConnections: Counter
    let unknownModels: Counter
    let overruns: Counter
    private let limitRefusals: CounterFamily
    private let keys: KeyMetrics

    /// Registers all metrics with `registry`.
    ///
    /// - Parameters:
    ///   - models: the models with series of their own; further ones are `other`.
    ///   - keys: the keys with series of their own.
    package init(_ registry: MetricRegistry, models: Int = 1000, keys: Int = 0) {
        requests = registry.counter(
            "propylon_requests_total", "Finished requests, by endpoint and the status that the client was sent.",
            labels: ["endpoint", "status"])
        tokens = registry.counter(
            "propylon_tokens_total", "Tokens of finished requests, as the ledger has them.",
            labels: ["direction", "model"], limit: 2 * models)
        failures = registry.counter(
            "propylon_failures_total",
            "Requests that failed, by the side at fault (client, upstream, gateway) and cause; config/events.md has all causes.",
            labels: ["side", "cause"])
        let durations = registry.histogram(
            "propylon_request_duration_seconds", "From a request's head to its end.", labels: ["endpoint"])
        let firstBytes = registry.histogram(
            "propylon_first_byte_seconds", "From a request's head to the upstream's first byte.", labels: ["endpoint"])
        endpoints = (Endpoint.allCases.map(\.name) + ["none"]).map { [requests] name in
            EndpointMetrics(
                name: name, succeeded: requests.with(labels: LabelValues(name, "200")),
                duration: durations.with(labels: LabelValues(name)),
                firstByte: firstBytes.with(labels: LabelValues(name)))
        }
        overruns = registry.counter(
            "propylon_overruns_total", "Streams that exceeded their reservation when their limits had nothing left.")
        limitRefusals = registry.counter(
            "propylon_limit_refusals_total",
            "Requests that a limit refused, by limit and scope: key, team or account, with _model or _user for a part of it.",
            labels: ["scope", "limit"])
        inFlight = registry.gauge("propylon_requests_in_flight", "Requests in flight.")
        refusedConnections = registry.counter(
            "propylon_refused_connections_total",
            "Connections refused before a request: malformed, slow, too many.")
        unknownModels = registry.counter(
            "propylon_unknown_model_requests_total",
            "Requests whose model has no price of its own: they cost the default price, or nothing where there is none."
        )
        self.keys = KeyMetrics(registry, limit: keys)
    }

    /// Counts a request that begins.
    func begin() { inFlight.add() }

    /// Counts a request that ended.
    ///
    /// - Parameters:
    ///   - row: its row, if it has one.
    ///   - failure: the cause, if it failed.
    func end(
        endpoint: Endpoint?, row: RequestDetails.Row?, status: Int, failure: Cause?, microseconds: Int64
    ) {
        inFlight.subtract()
        let metrics = endpoints[endpoint?.ordinal ?? endpoints.count - 1]
        let counter =
            status == 200 ? metrics.succeeded : requests.with(labels: LabelValues(metrics.name, String(status)))
        counter.add()
        metrics.duration.observe(Int(microseconds))
        if let failure { failures.with(labels: LabelValues(failure.side.rawValue, failure.rawValue)).add() }
        guard let record = row?.record else { return }
        keys.addRequest(record)
        addUsage(of: record)
        guard let firstByteAt = record.firstByteAt else { return }
        metrics.firstByte.observe(
            max(0, Int(firstByteAt.microseconds.subtractingSaturated(record.startedAt.microseconds))))
    }

    /// Counts the usage of `record`.
    func addUsage(of record: UsageRecord) {
        keys.addUsage(record)
        guard let model = record.modelServed, record.units.inputTokens > 0 || record.units.outputTokens > 0 else {
            return
        }
        let counters = counters(of: model)
        counters.input.add(Int(record.units.inputTokens))
        counters.output.add(Int(record.units.outputTokens))
    }

    /// Counts a request that a limit refused.
    func refused(by refusal: LimitRefusal) {
        let limit = LimitName(refusal)
        limitRefusals.with(labels: LabelValues(limit.scope.rawValue, limit.kind.rawValue)).add()
    }

    /// The counters of `model`. The last one is kept: it is mostly asked for again.
    private func counters(of model: String) -> ModelMetrics {
        latestModel.withLock { latest in
            if let latest, latest.name == model { return latest }
            let counters = ModelMetrics(
                name: model, input: tokens.with(labels: LabelValues("input", model)),
                output: tokens.with(labels: LabelValues("output", model)))
            latest = counters
            return counters
        }
    }
}

/// The metrics of one endpoint, looked up once instead of for every request.
private struct EndpointMetrics: Sendable {
    let name: String
    let succeeded: Counter
    let duration: Histogram
    let firstByte: Histogram
}

/// The counters of one model.
private struct ModelMetrics: Sendable {
    let name: String
    let input: Counter
    let output: Counter
}
