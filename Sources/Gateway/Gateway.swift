import Bytes
import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Synchronization
import Transport

/// The gateway: answers every request of the public listener. The way of a request is `pass`, in `RequestPassage.swift`.
package final class Gateway: RequestHandler {
    let keys: any KeyDirectory
    let usage: any UsageJournal
    let objects: any ResourceDirectory
    let limiter: Limiter
    let alerts: any AlertSink
    let accessLog: (any AccessLog)?
    let metrics: GatewayMetrics
    let ids = RequestIDSource()
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
        accessLog: (any AccessLog)? = nil,
        metrics: GatewayMetrics
    ) {
        self.loops = loops
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
        limiter.replace(limits, at: .now)
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
            await RequestPassage(exchange, gateway: self).pass()
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

    package func response(to fault: ServerFault) -> ServerResponse {
        let error: APIError =
            switch fault {
            case .malformed(let fault): .malformedHTTP(status: fault.status, code: fault.code, message: fault.message)
            case .headTimeout: .requestTimeout
            case .tooManyConnections: .overloaded
            }
        metrics.refusedConnections.add()
        let id = ids.next(at: .now)
        return ServerResponse(status: error.status, fields: snapshot.fields(of: error, id: id), body: error.body())
    }
}

/// All that a request needs to know and that a reload replaces, in one piece: a request sees one state of it from its
/// beginning to its end.
final class GatewaySnapshot: Sendable {
    let options: GatewayOptions
    let policies: Policies
    let upstreamKeys: UpstreamKeys
    /// The gateway's own `backend`.
    let backend: String
    /// The `host` field of requests to the upstream.
    let hostField: String
    /// The name of the header that names a caller's user.
    let userHeader: [UInt8]
    private let resources: [PerLoopState]

    init(options: GatewayOptions, policies: Policies, tls: TLSContext?, loops: [EventLoop]) {
        self.options = options
        self.policies = policies
        upstreamKeys = UpstreamKeys(options.upstreamKeys)
        backend = #"{"engine_type":"propylon","machine_name":"# + JSONString.quoted(options.machineName) + "}"
        hostField = options.hostField
        userHeader = Array(options.userHeader.utf8)
        resources = loops.map {
            PerLoopState($0, HTTPClient(options.origin, context: tls, limits: options.client, on: $0))
        }
    }

    /// The client of `loop`, on which the caller must run.
    func client(on loop: EventLoop) -> HTTPClient { resources(of: loop).client }

    /// What reads the events of answers on `loop`, on which the caller must run.
    func eventReaders(on loop: EventLoop) -> EventReaders { resources(of: loop).eventReaders }

    private func resources(of loop: EventLoop) -> PerLoopState {
        for resources in resources where resources.loop === loop { return resources }
        preconditionFailure("a request on a loop that is not the gateway's")
    }

    func closeClients() {
        for resources in resources { resources.loop.execute { resources.client.close() } }
    }

    var upstreamConnections: (open: Int, resting: Int) {
        resources.reduce((0, 0)) { sum, resources in
            let gauges = resources.gauges
            return (sum.0 + gauges.open.load(ordering: .relaxed), sum.1 + gauges.idle.load(ordering: .relaxed))
        }
    }

    /// The head fields of an error of the gateway's own.
    func fields(of error: APIError, id: RequestID) -> [(name: StaticString, value: String)] {
        let text = id.description
        var fields: [(name: StaticString, value: String)] = [
            ("content-type", "application/json"), ("id", text), ("backend", backend), ("x-request-id", text),
        ]
        if let allow = error.allow { fields.append(("allow", allow)) }
        if let seconds = error.retryAfterSeconds { fields.append(("retry-after", String(seconds))) }
        if error.status == 429, let milliseconds = error.retryAfterMilliseconds {
            fields.append(("retry-after-ms", String(milliseconds)))
        }
        if let shouldRetry = error.shouldRetry { fields.append(("x-should-retry", shouldRetry ? "true" : "false")) }
        if error.status == 401 { fields.append(("www-authenticate", "Bearer")) }
        return fields
    }
}

/// A loop, and what its requests share.
///
/// - Soundness of `@unchecked Sendable`: `client` and `eventReaders` are used on `loop` alone.
private final class PerLoopState: @unchecked Sendable {
    let loop: EventLoop
    let client: HTTPClient
    let eventReaders = EventReaders()
    let gauges: PoolGauges

    init(_ loop: EventLoop, _ client: HTTPClient) {
        self.loop = loop
        self.client = client
        gauges = client.gauges
    }
}
