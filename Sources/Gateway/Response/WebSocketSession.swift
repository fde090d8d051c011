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
        pipeline.details.requestBytes = Int64(requestBytes)
        pipeline.noteSession(responseBytes: Int64(responseBytes))
        if pipeline.isCancelled { return .cancelled }
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
        let needed = pipeline.details.minutes(at: pipeline.gateway.clock.monotonic + Self.lead)
        guard needed > reservedMinutes else { return true }
        guard pipeline.hold(minutes: needed - reservedMinutes, of: key) else { return false }
        reservedMinutes = needed
        return true
    }
}

extension RequestPipeline {
    /// Extends the reservation of a WebSocket. Returns false where the limits of `key` have no room for it.
    @inline(never)
    fileprivate func hold(minutes: Int64, of key: KeyRecord) -> Bool {
        guard let billing = details.endpoint?.billing, var open = openRequest.take() else { return true }
        var units = BillableUnits()
        units.audioMinutes = minutes
        let cost = details.prices.cost(of: units, kind: billing.serviceKind)
        let isHeld = open.extend(by: cost, of: key, by: gateway.limiter, at: gateway.clock.limitTime)
        openRequest = consume open
        if !isHeld { gateway.metrics.overruns.add() }
        return isHeld
    }

    /// Notes the minutes of a WebSocket in the journal: they become the row, should the process die.
    @inline(never)
    fileprivate func noteSession(responseBytes: Int64) {
        let bill = bill(
            .answering(status: 101, ResponseCounters()), of: details, at: gateway.clock.monotonic)
        switch openRequest {
        case .some(let open):
            gateway.usage.progress(
                open.slot, details.progress(bill, status: 101, responseBytes: responseBytes))
        case .none: break
        }
    }
}
