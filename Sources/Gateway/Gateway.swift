import Bytes
import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Synchronization
import Transport

/// The gateway: responds to every request of the public listener.
///
/// `RequestPipeline.run()` shows the way of a request.
package final class Gateway: RequestHandler {
    let keys: any KeyDirectory
    let usage: any UsageJournal
    let objects: any ResourceDirectory
    let limiter: Limiter
    /// Requests that wait for room in their limits.
    let queue: AdmissionQueue
    let warnings: any UsageWarnings
    let accessLog: (any AccessLog)?
    let events: (any EventSink)?
    /// The store's state as requests meet it.
    let storeWatch: StateWatch
    /// Refusals by limits that were reported.
    private let refusals = Mutex(RefusalNotices())
    let metrics: GatewayMetrics
    let ids = RequestIDSource()
    let clock: any TimeSource
    let loops: [EventLoop]
    /// The requests in flight.
    let inFlight: PerLoop<RequestList>
    private let current: Mutex<GatewaySnapshot>
    private let draining = Atomic<Bool>(false)
    /// The bounds on connections to upstreams and their health, which outlast a reload.
    private let upstreams: UpstreamHealths
    /// Batches that are not billed yet.
    let batches = Mutex(BatchSchedule())
    /// Responses that are read to their end although their clients have gone.
    let drainedResponses = Atomic<Int>(0)

    /// - Parameters:
    ///   - loops: the loops of the server that it handles requests for.
    ///   - tls: verifies the upstream, where its origin is secure.
    ///   - clock: the time, which tests step.
    package init(
        loops: [EventLoop], options: GatewayOptions, policies: Policies, tls: TLSContext?, keys: any KeyDirectory,
        usage: any UsageJournal, objects: any ResourceDirectory, limiter: Limiter, warnings: any UsageWarnings,
        accessLog: (any AccessLog)? = nil, events: (any EventSink)? = nil, telemetry: RequestTelemetry? = nil,
        metrics: GatewayMetrics, clock: any TimeSource = .system
    ) {
        self.loops = loops
        inFlight = PerLoop(loops) { _ in RequestList() }
        self.clock = clock
        self.keys = keys
        self.usage = usage
        self.objects = objects
        self.limiter = limiter
        queue = AdmissionQueue(limiter)
        self.warnings = warnings
        self.accessLog = accessLog
        self.events = events
        storeWatch = StateWatch("store", recovery: .storeRecovered, events)
        upstreams = UpstreamHealths(events)
        self.metrics = metrics
        current = Mutex(
            GatewaySnapshot(
                options: options, policies: policies, tls: tls, health: upstreams.states(of: options, at: clock),
                loops: loops, events: events, telemetry: telemetry))
    }

    /// Uses new options and policies for every request from now on. Requests in flight keep those that they began with.
    package func reload(
        options: GatewayOptions, policies: Policies, limits: LimitRules, tls: TLSContext?,
        telemetry: RequestTelemetry? = nil
    ) {
        limiter.replace(limits, at: clock.limitTime)
        let new = GatewaySnapshot(
            options: options, policies: policies, tls: tls, health: upstreams.states(of: options, at: clock),
            loops: loops, events: events, telemetry: telemetry)
        let old = current.withLock { current in
            let old = current
            current = new
            return old
        }
        old.closeClients()
    }

    /// Refuses new requests from now on, with 503. Requests in flight continue.
    package func drain() { draining.store(true, ordering: .relaxed) }

    /// Closes the idle connections to upstreams. Call it when the last response has ended.
    package func close() { snapshot.closeClients() }

    /// True once `drain` was called.
    package var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// The reasons why no request can be served now; empty where all is well.
    package var reasonsNotToServe: [String] {
        var reasons: [String] = []
        if isDraining { reasons.append("the gateway is shutting down") }
        if let trouble = usage.trouble { reasons.append("the ledger takes no rows: \(trouble)") }
        return reasons
    }

    /// Connections to the upstream: all, and the idle ones among them.
    package var upstreamConnections: (open: Int, idle: Int) { snapshot.upstreamConnections }

    /// The upstream and its fallbacks with their keys, and the store, as requests found them.
    package var watchedStates: [WatchedState] {
        let snapshot = snapshot
        let upstreams = [snapshot.upstream] + snapshot.fallbacks
        return (upstreams.flatMap { [$0.health.watch] + $0.keys.watches } + [storeWatch]).map { $0.report(at: clock) }
    }

    /// Reports percentages of limits that were newly reached.
    func report(_ alerts: [LimitAlert], at now: Timestamp) {
        for alert in alerts { events?.report(Event(alert, at: now)) }
    }

    /// Reports a refusal of `key` by a limit: once a window.
    func report(_ refusal: LimitRefusal, of key: KeyRecord, cause: Cause, at now: Timestamp) {
        guard let events else { return }
        let isNew = refusals.withLock {
            $0.isNew(refusal, of: key.id, in: limiter.window(of: refusal.kind), at: now)
        }
        if isNew { events.report(Event(refusal, of: key, cause: cause, at: now)) }
    }

    /// Requests that wait for room in their limits.
    package var waitingRequests: Int { queue.count }

    var snapshot: GatewaySnapshot { current.withLock { $0 } }

    package func respond(to exchange: ServerExchange) async {
        if let page = ownPage(for: exchange) {
            await Self.respond(to: exchange, with: page)
        } else {
            await RequestPipeline(exchange, gateway: self).run()
        }
    }

    @inline(never)
    private func ownPage(for exchange: ServerExchange) -> ServerResponse? {
        let head = exchange.head
        if let page = HealthPage.answer(to: head, reasonsNotToServe: { reasonsNotToServe }) { return page }
        if CrossOrigin.mayBePreflight(head) { return snapshot.preflight(head, id: ids.next(at: clock.now)) }
        return head.path.count == 1 ? snapshot.greeting(head, id: ids.next(at: clock.now)) : nil
    }

    /// A separate frame, so that other requests do not keep the room that sending a page takes.
    @inline(never)
    private static func respond(to exchange: ServerExchange, with page: ServerResponse) async {
        do throws(ExchangeError) { try await exchange.respond(page) } catch { return }
    }

    package func response(to fault: ServerFault) -> ServerResponse {
        let error: APIError =
            switch fault {
            case .malformed(let fault): .malformedHTTP(status: fault.status, code: fault.code, message: fault.message)
            case .headTimeout: .requestTimeout
            case .tooManyConnections: .overloaded
            }
        metrics.refusedConnections.add()
        let snapshot = snapshot
        return snapshot.response(
            to: error, id: ids.next(at: clock.now), fields: snapshot.crossOrigin.fieldsWithoutRequest,
            body: error.body())
    }
}
