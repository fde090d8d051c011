import Clocks
import HTTP1
import OpenAIAPI
import Policy

/// The result of admission: what has to change in the request, and its hold on the limits.
final class Admission {
    /// The model to name upstream in the place of the client's alias; nil where it stays.
    let servedModel: String?
    /// True where the gateway asks for a stream's usage and the client did not.
    let asksForUsage: Bool
    /// The `max_tokens` to write into a request that names no bound.
    private(set) var outputBound: Int64?
    /// The hold on the limits, until the request is open.
    var reservation: Reservation?
    /// The place in the tier's queue, where the limits have no room yet.
    var queued: QueuedRequest?

    init(servedModel: String?, asksForUsage: Bool) {
        self.servedModel = servedModel
        self.asksForUsage = asksForUsage
    }

    /// Holds `reservation`.
    func hold(_ reservation: consuming Reservation) {
        outputBound = reservation.writtenBound
        self.reservation = consume reservation
        queued = nil
    }
}

extension RequestPipeline {
    /// Checks that the key's tier allows the request, and reserves the most that it can use, or takes a place in the queue.
    @inline(never)
    func admit(_ route: MatchedRoute) throws(RequestFailure) -> Admission {
        guard let key = details.key else { preconditionFailure("admission comes after authentication") }
        let head = exchange.head
        let policies = snapshot.policies
        let asked = route.modelInPath(of: head) ?? details.metadata?.model ?? route.queryModel?.model
        let served = asked.map { policies.models.served($0) }
        details.modelAsked = asked
        details.serve(served)
        details.streams = details.metadata?.stream ?? false
        attribute(route.endpoint)
        do throws(RequestFailure) {
            try checkRights(of: key, to: route.endpoint, policies)
        } catch {
            guard route.endpoint == .other, error.error == .modelNotNamed else { throw error }
            askWhetherServed()
        }
        let asksForUsage =
            details.streams && route.upstreamEndpoint.streamsUsage && !(details.metadata?.includeUsage ?? true)
        if let resource = details.resource, let lines = resource.lines { try admitBatch(lines, of: key, resource) }
        // Where the path names the body's model, the body may name another one, or none.
        let written = route.path.namesModelOfBody ? details.metadata?.model : asked
        let admission = Admission(servedModel: served == written ? nil : served, asksForUsage: asksForUsage)
        if !gateway.queue.isEmpty, enqueue(admission, key, route.endpoint) { return admission }
        try hold(admission, key, route.endpoint)
        return admission
    }

    /// Replaces a request to an unknown path, which the key may not make, by a GET without a body. It changes nothing and uses no
    /// model (RFC 9110, section 9.2.1), and an upstream without the path says so better than the gateway could.
    private func askWhetherServed() {
        details.refusalIfServed = .refused(.modelNotNamed, wasSent: true)
        details.method = .idempotent
        details.usesModels = false
        details.metadata = nil
    }

    /// Checks that the tier of `key` allows the endpoint and the model.
    @inline(never)
    func checkRights(of key: KeyRecord, to endpoint: Endpoint, _ policies: Policies) throws(RequestFailure) {
        do throws(AdmissionRefusal) {
            try policies.admit(
                key, endpoint: endpoint.name, model: details.modelAsked,
                mayUseAnyModel: endpoint.mayUseAnyModel(isWrite: details.method.isWrite))
        } catch { throw .admission(error, endpoint: endpoint, model: details.modelAsked) }
    }

    /// Holds the most that the request can use against its limits, or takes a place in the queue.
    @inline(never)
    private func hold(_ admission: Admission, _ key: KeyRecord, _ endpoint: Endpoint) throws(RequestFailure) {
        let now = gateway.clock.limitTime
        do throws(LimitRefusal) {
            try hold(admission, key, endpoint, at: now)
        } catch {
            if enqueue(admission, key, endpoint) { return }
            throw refused(by: error, endpoint, at: now)
        }
    }

    /// Holds the most that the request can use against its limits, after a wait that was in vain.
    @inline(never)
    func holdOrRefuse(_ admission: Admission, _ endpoint: Endpoint) throws(RequestFailure) {
        guard let key = details.key else { preconditionFailure("admission comes after authentication") }
        let now = gateway.clock.limitTime
        do throws(LimitRefusal) {
            try hold(admission, key, endpoint, at: now)
        } catch { throw refused(by: error, endpoint, at: now) }
    }

    private func hold(
        _ admission: Admission, _ key: KeyRecord, _ endpoint: Endpoint, at now: LimitTime
    ) throws(LimitRefusal) {
        let reservation = try gateway.limiter.admit(limitedRequest(endpoint), of: key, at: now)
        details.rates = reservation.rates
        if details.metadata?.stored?.isBackground == true { expectOutput(reservation.outputTokens, of: key) }
        admission.hold(reservation)
    }

    /// Notes the output that a response in the background may have: what is reserved, or where no limit counts output what the
    /// tier would reserve.
    @inline(never)
    private func expectOutput(_ reserved: Int64, of key: KeyRecord) {
        let usual = snapshot.policies.tier(of: key)?.outputReservation ?? 0
        details.backgroundOutputTokens = reserved > 0 ? reserved : usual
    }

    private func limitedRequest(_ endpoint: Endpoint) -> LimitedRequest {
        let model = details.modelServed
        var request =
            details.usesModels ? LimitedRequest(endpoint, details.metadata, model: model) : .read(model: model)
        if let user = details.user { request.user = user }
        return request
    }

    /// The failure of a request that a limit refuses.
    ///
    /// - Parameter wasSent: true where a part of it was sent before.
    @inline(never)
    func refused(
        by refusal: LimitRefusal, _ endpoint: Endpoint, at now: LimitTime, wasSent: Bool = false
    ) -> RequestFailure {
        details.rates = refusal.rates
        gateway.metrics.refused(by: refusal)
        let error = APIError(refusal, endpoint, at: now.wall, in: gateway.limiter.zone)
        let failure = RequestFailure.refused(error, limit: LimitName(refusal), wasSent: wasSent)
        if let key = details.key { gateway.report(refusal, of: key, cause: failure.cause, at: now.wall) }
        return failure
    }

    /// Takes a place in the queue of the key's tier. Returns false where it has none, or is full.
    @inline(never)
    private func enqueue(_ admission: Admission, _ key: KeyRecord, _ endpoint: Endpoint) -> Bool {
        guard let tier = snapshot.policies.tier(of: key), tier.queue != nil else { return false }
        admission.queued = QueuedRequest(
            limitedRequest(endpoint), of: key, tier, in: gateway.queue, for: exchange, at: gateway.clock.limitTime)
        return admission.queued != nil
    }
}
