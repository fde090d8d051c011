import Clocks
import HTTPServer
import OpenAIAPI
import Policy

/// One request on its way through the gateway, from its head to its row in the ledger. Read `run` from top to bottom.
///
/// Steps are functions in files of their own, in `Steps/`. They are kept apart (`@inline(never)`), since a suspended task keeps
/// its deepest frame (`Sources/README.md`).
final class RequestPipeline {
    // Read for each piece of a response: they come first, to share a cache line.
    let exchange: ServerExchange
    let gateway: Gateway
    let snapshot: GatewaySnapshot
    let details: RequestDetails
    /// The request's holds, from when it may go upstream until its row is written.
    var openRequest: OpenRequest?
    /// True once the administrator has ended the request.
    var isCancelled = false
    /// The stage, for the administrator.
    var stage = RequestStage.reading
    /// The list of its loop, from its beginning until it is settled, and its neighbours there.
    let list: RequestList
    // Unsafe: each is in the list too, which a request leaves before its end.
    unowned(unsafe) var next: RequestPipeline?
    unowned(unsafe) var previous: RequestPipeline?

    init(_ exchange: ServerExchange, gateway: Gateway) {
        self.exchange = exchange
        self.gateway = gateway
        snapshot = gateway.snapshot
        list = gateway.inFlight[exchange.loop]
        let now = gateway.clock.now
        details = RequestDetails(
            id: gateway.ids.next(at: now), startedAt: now, started: exchange.startedAt, snapshot.policies.prices)
        if let telemetry = snapshot.telemetry {
            details.trace = telemetry.trace(exchange.head, details.id, gateway.ids)
        }
    }

    /// The way of every request.
    func run() async {
        gateway.metrics.begin()
        list.insert(self)
        var outcome: Outcome
        do throws(RequestFailure) {
            if try !authenticate() { try await authenticateWithLatestKeys() }
            let route = try matchRoute()
            try checkReadiness()
            let body = try await readBody(route)
            if let dialect = route.dialect { try translate(body, from: dialect, route) }
            try await authorizeResource(route)
            let admission = try admit(route)
            if let queued = admission.queued { try await awaitRoom(admission, queued, route) }
            try open(admission)
            if let count = inputCount(route) {
                outcome = count
            } else {
                let response = try await forward(body, admission, route)
                outcome = await relay(response, route)
            }
        } catch {
            outcome = self.outcome(of: error)
        }
        render(outcome)
        settle(outcome)
        await respond(outcome)
        report(outcome)
    }
}
