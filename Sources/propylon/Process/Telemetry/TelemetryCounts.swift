import Metrics

/// What became of the requests that a collector should get. The counters outlast reloads.
struct TelemetryCounts: Sendable {
    /// Requests whose spans the collector has taken.
    let sent: Counter
    /// Requests whose spans are lost.
    let dropped: Counter

    /// Registers the counters with `registry`.
    init(_ registry: MetricRegistry) {
        let requests = registry.counter(
            "propylon_telemetry_requests_total",
            "Requests with a recorded trace: sent to the collector, or dropped, since it was out of reach, refused them or was too "
                + "slow, or they ended after a reload of telemetry.",
            labels: ["outcome"])
        sent = requests.with(labels: ["sent"])
        dropped = requests.with(labels: ["dropped"])
    }
}
