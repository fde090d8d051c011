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

    init(_ exchange: ServerExchange, gateway: Gateway) {
        self.exchange = exchange
        self.gateway = gateway
        snapshot = gateway.snapshot
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
            outcome = Outcome(error)
        }
        render(outcome)
        settle(outcome)
        await respond(outcome)
        report(outcome)
    }
}
