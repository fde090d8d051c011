import Bytes
import Clocks
import OpenAIAPI
import Policy

/// The gateway's part in a WebSocket while it lasts: the key's rights, its limits and the journal.
final class WebSocketSession {
    private let pipeline: RequestPipeline
    private let route: MatchedRoute
    /// The minutes that are held against the limits. Admission holds the first one.
    private var reservedMinutes: Int64 = 1

    /// The time before the end of a minute at which the next one is reserved. The looks at it are a second apart.
    private static let lead = Duration.seconds(2)

    init(_ pipeline: RequestPipeline, _ route: MatchedRoute) {
        self.pipeline = pipeline
        self.route = route
    }

    /// Looks whether the session may go on, and notes in the journal how far it came.
    ///
    /// - Returns: the reason to end it; nil where there is none.
    func reasonToEnd(requestBytes: Int, responseBytes: Int) -> TunnelEnd? {
        let gateway = pipeline.gateway
        if pipeline.exchange.isConnectionAborted { return .aborted }
        note(requestBytes: requestBytes, responseBytes: responseBytes)
        if gateway.isDraining { return .draining }
        do throws(RequestFailure) {
            let key = try Gateway.authenticate(
                pipeline.exchange.head.fields, among: gateway.keys.keys, at: gateway.clock.now)
            try pipeline.checkRights(of: key, to: route.endpoint, gateway.snapshot.policies)
            return mayGoOn(key) ? nil : .overrun
        } catch { return .refused(error) }
    }

    /// Holds the minute that is about to begin. Returns false where the limits of `key` have no room for it.
    private func mayGoOn(_ key: KeyRecord) -> Bool {
        let gateway = pipeline.gateway
        let needed = pipeline.details.minutes(at: gateway.clock.monotonic + Self.lead)
        guard needed > reservedMinutes else { return true }
        var units = BillableUnits()
        units.audioMinutes = needed - reservedMinutes
        let cost = pipeline.snapshot.policies.prices.cost(
            of: units, kind: route.endpoint.billing.serviceKind, model: pipeline.details.modelServed)
        guard var open = pipeline.openRequest.take() else { return true }
        let isExtended = open.extend(by: cost, of: key, by: gateway.limiter, at: gateway.clock.limitTime)
        pipeline.openRequest = consume open
        if isExtended { reservedMinutes = needed } else { gateway.metrics.overruns.add() }
        return isExtended
    }

    /// Notes the minutes until now in the journal: they become the row, should the process die.
    private func note(requestBytes: Int, responseBytes: Int) {
        let details = pipeline.details
        details.requestBytes = Int64(requestBytes)
        let bill = Bill(
            101, ResponseCounters(), isWhole: false, of: details, route.endpoint.billing,
            pipeline.snapshot.policies.prices, at: pipeline.gateway.clock.monotonic)
        switch pipeline.openRequest {
        case .some(let open):
            var progress = UsageProgress(
                status: 101, units: bill.units, cost: bill.cost, firstByteAt: details.firstByteAt,
                requestBytes: details.requestBytes, responseBytes: Int64(responseBytes), streamed: details.streams)
            progress.countsAsRequest = details.isLimited
            pipeline.gateway.usage.progress(open.slot, progress)
        case .none: break
        }
    }
}
