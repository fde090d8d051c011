import Bytes
import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Synchronization
import Transport

/// The gateway: answers every request of the public listener. The way of a request is `run`, in `Pipeline/RequestPipeline.swift`.
package final class Gateway: RequestHandler {
    let keys: any KeyDirectory
    let usage: any UsageJournal
    let objects: any ResourceDirectory
    let limiter: Limiter
    let alerts: any AlertSink
    let accessLog: (any AccessLog)?
    let metrics: GatewayMetrics
    let ids = RequestIDSource()
    let clock: any TimeSource
    private let loops: [EventLoop]
    private let current: Mutex<GatewaySnapshot>
    private let draining = Atomic<Bool>(false)
    /// Batches whose output is to be read.
    let batches = Mutex(BatchQueue())
    /// Answers that are read on, their callers having gone.
    let drainedResponses = Atomic<Int>(0)

    /// A gateway on `loops`, which must be the server's.
    ///
    /// - Parameter tls: verifies the upstream, where its origin is secure.
    package init(
        loops: [EventLoop], options: GatewayOptions, policies: Policies, tls: TLSContext?, keys: any KeyDirectory,
        usage: any UsageJournal, objects: any ResourceDirectory, limiter: Limiter, alerts: any AlertSink,
        accessLog: (any AccessLog)? = nil, metrics: GatewayMetrics, clock: any TimeSource = .system
    ) {
        self.loops = loops
        self.clock = clock
        self.keys = keys
        self.usage = usage
        self.objects = objects
        self.limiter = limiter
        self.alerts = alerts
        self.accessLog = accessLog
        self.metrics = metrics
        current = Mutex(GatewaySnapshot(options: options, policies: policies, tls: tls, loops: loops))
    }

    /// Takes new options and policies into use: for every request that comes from now on. What is under way is not touched.
    package func reload(options: GatewayOptions, policies: Policies, limits: LimitRules, tls: TLSContext?) {
        limiter.replace(limits, at: clock.limitTime)
        let new = GatewaySnapshot(options: options, policies: policies, tls: tls, loops: loops)
        let old = current.withLock { current in
            let old = current
            current = new
            return old
        }
        old.closeClients()
    }

    /// Refuses new requests from now on, with 503; what is under way goes on.
    package func drain() { draining.store(true, ordering: .relaxed) }

    /// Whether `drain` was called.
    package var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Why no request can be served now, one reason a line; empty where all is well.
    package var reasonsNotToServe: [String] {
        var reasons: [String] = []
        if isDraining { reasons.append("the gateway is shutting down") }
        if let trouble = usage.trouble { reasons.append("the ledger takes no rows: \(trouble)") }
        return reasons
    }

    /// Connections to the upstream: all, and those of them that are unused.
    package var upstreamConnections: (open: Int, resting: Int) { snapshot.upstreamConnections }

    /// On how many loops it runs.
    package var loopCount: Int { loops.count }

    var snapshot: GatewaySnapshot { current.withLock { $0 } }

    package func respond(to exchange: ServerExchange) async {
        if let page = healthPage(for: exchange) {
            await Self.respond(to: exchange, with: page)
        } else {
            await RequestPipeline(exchange, gateway: self).run()
        }
    }

    @inline(never)
    private func healthPage(for exchange: ServerExchange) -> ServerResponse? {
        HealthPage.answer(to: exchange.head, reasonsNotToServe: { reasonsNotToServe })
    }

    /// A frame of its own: what it takes to send a page is not held by every request beside it.
    @inline(never)
    private static func respond(to exchange: ServerExchange, with page: ServerResponse) async {
        do throws(ExchangeError) { try await exchange.respond(page) } catch { return }
    }

    package func answer(to fault: ServerFault) -> ServerResponse {
        let error: APIError =
            switch fault {
            case .malformed(let fault): .malformedHTTP(status: fault.status, code: fault.code, message: fault.message)
            case .headTimeout: .requestTimeout
            case .full: .overloaded
            }
        metrics.refusedConnections.add()
        return snapshot.response(to: error, id: ids.next(at: clock.now))
    }
}
