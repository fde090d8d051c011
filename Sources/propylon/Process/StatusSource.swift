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
    private let places: Mutex<Places>
    private let expiry: ExpiryWatch
    private let time: any TimeSource
    private let startedAt: MonotonicTime
    /// Faults that do not stop the gateway.
    private let warnings: @Sendable () -> [String]

    /// The addresses that a reload may change.
    struct Places {
        /// URLs of the public listeners.
        var listening: [String]
        /// The upstream in words.
        var upstream: String
    }

    init(
        gateway: Gateway, server: HTTPServer, storage: GatewayStorage, places: Places, expiry: ExpiryWatch,
        time: any TimeSource, warnings: @escaping @Sendable () -> [String] = { [] }
    ) {
        self.gateway = gateway
        self.server = server
        self.storage = storage
        self.places = Mutex(places)
        self.expiry = expiry
        self.time = time
        self.warnings = warnings
        startedAt = time.monotonic
    }

    /// The most keys that a report lists.
    private static let expiringKeys = 20

    /// Shows `places` from now on.
    func use(_ places: Places) { self.places.withLock { $0 = places } }

    /// The state now.
    var report: StatusReport {
        let places = places.withLock { $0 }
        let expiringKeys = expiry.expiringKeys
        return StatusReport(
            version: Version.text, uptimeSeconds: Int((time.monotonic - startedAt).components.seconds),
            listening: places.listening, upstream: places.upstream,
            connections: server.connectionCount.load(ordering: .relaxed), pendingRows: storage.ledger.pending,
            reasons: gateway.reasonsNotToServe,
            warnings: warnings()
                + (storage.keys.trouble.map { ["changes of keys do not take effect: \($0)"] } ?? []),
            states: gateway.watchedStates.map { StatusReport.State($0) }, certificates: expiry.certificates,
            expiringKeys: expiringKeys.prefix(Self.expiringKeys).compactMap { StatusReport.ExpiringKey($0) },
            expiringKeyCount: expiringKeys.count, lostEvents: storage.events.dropped)
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
        registry.gauge(
            "propylon_certificate_expiry_seconds",
            "Time until the first certificate of a file expires, negative after; owner is a listener or upstream, use the member.",
            labels: ["owner", "use"]
        ) { [expiry] in
            // Listeners whose ports the system chooses may have one address.
            Dictionary(
                expiry.certificates.map { (LabelValues($0.owner, $0.use), Double($0.secondsLeft)) },
                uniquingKeysWith: min
            ).map { ($0.key, $0.value) }
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
        registry.counter(
            "propylon_events_lost_total", "Events that the ledger does not have, since too many waited for it."
        ) { [events = storage.events] in Double(events.dropped) }
        registry.counter("propylon_ledger_rows_total", "Rows committed to the ledger.") { Double(ledger.committed) }
    }
}

extension ExpiryWatch {
    /// Of each file the certificate that is the first to expire.
    fileprivate var certificates: [StatusReport.Certificate] {
        let now = time.now
        return files.compactMap { file in
            file.first(at: now).map { certificate in
                StatusReport.Certificate(
                    owner: file.owner, use: file.use.rawValue, file: file.path, subject: certificate.name,
                    expiresAt: certificate.validUntil.utcText,
                    secondsLeft: Int((certificate.validUntil - now).components.seconds))
            }
        }
    }
}

extension StatusReport.ExpiringKey {
    fileprivate init?(_ key: KeyRecord) {
        guard let end = key.expiresAt else { return nil }
        self.init(id: key.id, name: key.name, expiresAt: end.utcText)
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
