import Admin
import Clocks
import Gateway
import HTTPServer
import Metrics
import Store
import Synchronization
import Transport

/// Knows how the gateway is, for `/admin/v1/status` and `/metrics`.
final class StatusSource: StatusReporting {
    private let gateway: Gateway
    private let server: HTTPServer
    private let ledger: LedgerWriter
    private let listening: [String]
    private let upstream: String
    private let startedAt = MonotonicTime.now

    init(gateway: Gateway, server: HTTPServer, ledger: LedgerWriter, listening: [String], upstream: String) {
        self.gateway = gateway
        self.server = server
        self.ledger = ledger
        self.listening = listening
        self.upstream = upstream
    }

    var status: StatusReport {
        StatusReport(
            version: Version.text, uptimeSeconds: Int((MonotonicTime.now - startedAt).components.seconds),
            listening: listening,
            upstream: upstream, connections: server.connectionCount.load(ordering: .relaxed),
            pendingRows: ledger.pending,
            reasons: gateway.reasonsNotToServe)
    }

    /// Registers the levels that others keep.
    func register(with registry: MetricRegistry) {
        registry.gauge("propylon_connections", "Open connections.", labels: ["side"]) { [server, gateway] in
            let upstream = gateway.upstreamConnections
            return [
                (["caller"], Double(server.connectionCount.load(ordering: .relaxed))),
                (["upstream"], Double(upstream.open)),
            ]
        }
        registry.gauge("propylon_upstream_pool", "Connections to the upstream, by what they do.", labels: ["state"]) {
            [gateway] in
            let upstream = gateway.upstreamConnections
            return [(["resting"], Double(upstream.resting)), (["busy"], Double(upstream.open - upstream.resting))]
        }
        registry.gauge("propylon_ledger_pending", "Rows that are not on the disk yet.") { [ledger] in
            Double(ledger.pending)
        }
        registry.gauge("propylon_journal_requests", "Requests in the journal: under way, or waiting for the ledger.") {
            [ledger] in Double(ledger.journaled)
        }
        registry.gauge("propylon_ledger_lag_seconds", "Age of the oldest row that is not on the disk yet.") {
            [ledger] in
            ledger.lag / .seconds(1)
        }
        registry.counter("propylon_ledger_rows_total", "Rows committed to the ledger.") { [ledger] in
            Double(ledger.committed)
        }
        registry.gauge("propylon_ready", "Whether requests can be served.") { [gateway] in
            gateway.reasonsNotToServe.isEmpty ? 1 : 0
        }
    }
}
