import Admin
import Clocks
import Gateway
import HTTPServer
import Metrics
import Policy
import Synchronization

/// The state of the gateway, for `/admin/v1/status` and `/metrics`.
final class StatusSource: StatusReporting {
    private let gateway: Gateway
    private let server: HTTPServer
    private let storage: GatewayStorage
    private let telemetry: TelemetryService
    private let places: Mutex<Places>
    private let time: any TimeSource
    private let startedAt: MonotonicTime
    /// Faults since the start that do not stop the gateway.
    private let lastingWarnings: [String]

    /// The addresses that a reload may change.
    struct Places {
        /// URLs of the public listeners.
        var listening: [String]
        /// The upstream in words.
        var upstream: String
    }

    init(
        gateway: Gateway, server: HTTPServer, storage: GatewayStorage, telemetry: TelemetryService,
        places: Places, warnings: [String] = [], time: any TimeSource
    ) {
        self.gateway = gateway
        self.server = server
        self.storage = storage
        self.telemetry = telemetry
        self.places = Mutex(places)
        self.time = time
        lastingWarnings = warnings
        startedAt = time.monotonic
    }

    /// Shows `places` from now on.
    func use(_ places: Places) { self.places.withLock { $0 = places } }

    /// The state now.
    var report: StatusReport {
        let places = places.withLock { $0 }
        return StatusReport(
            version: Version.text, uptimeSeconds: Int((time.monotonic - startedAt).components.seconds),
            listening: places.listening, upstream: places.upstream,
            connections: server.connectionCount.load(ordering: .relaxed), pendingRows: storage.ledger.pending,
            reasons: gateway.reasonsNotToServe,
            warnings: lastingWarnings
                + (storage.keys.trouble.map { ["changes of keys do not take effect: \($0)"] } ?? [])
                + (telemetry.trouble.map { ["the collector does not take telemetry: \($0)"] } ?? []),
            states: gateway.watchedStates.map { StatusReport.State($0) })
    }

    /// Registers the values that other parts keep.
    func register(with registry: MetricRegistry, accessLog: BufferedAccessLog?) {
        registry.gauge("propylon_connections", "Open connections.", labels: ["side"]) { [server, gateway] in
            let clients = server.connectionCount.load(ordering: .relaxed)
            return [(["caller"], Double(clients)), (["upstream"], Double(gateway.upstreamConnections.open))]
        }
        registry.gauge("propylon_upstream_pool", "Connections to the upstream, by state.", labels: ["state"]) {
            [gateway] in
            let upstream = gateway.upstreamConnections
            return [(["resting"], Double(upstream.idle)), (["busy"], Double(upstream.open - upstream.idle))]
        }
        registry.gauge("propylon_requests_waiting", "Requests that wait for room in their limits.") { [gateway] in
            Double(gateway.waitingRequests)
        }
        registry.gauge("propylon_ready", "1 if requests can be served, else 0.") { [gateway] in
            gateway.reasonsNotToServe.isEmpty ? 1 : 0
        }
        registry.counter("propylon_access_log_lines_dropped_total", "Lines of the access log that were dropped.") {
            Double(accessLog?.dropped ?? 0)
        }
        registerLedger(with: registry)
    }

    private func registerLedger(with registry: MetricRegistry) {
        let ledger = storage.ledger
        registry.gauge("propylon_ledger_pending", "Rows that are not on the disk yet.") { Double(ledger.pending) }
        registry.gauge(
            "propylon_journal_requests", "Requests in the journal: in progress, or not committed to the ledger yet."
        ) { Double(ledger.journaled) }
        registry.gauge("propylon_ledger_lag_seconds", "Age of the oldest row that is not on the disk yet.") {
            ledger.lag / .seconds(1)
        }
        registry.counter("propylon_ledger_rows_total", "Rows committed to the ledger.") { Double(ledger.committed) }
    }
}

extension StatusReport.State {
    fileprivate init(_ state: WatchedState) {
        self.init(
            name: state.subject, failing: state.isTroubled, lastSuccess: state.lastSuccess?.utcText,
            lastFailure: state.lastFault?.at.utcText, cause: state.lastFault?.cause.rawValue,
            detail: state.lastFault?.detail, restsUntil: state.restsUntil?.utcText)
    }
}
