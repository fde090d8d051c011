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
    let outputBound: Int64?
    /// The hold on the limits, until the request is open.
    var reservation: Reservation?

    init(servedModel: String?, asksForUsage: Bool, outputBound: Int64?, _ reservation: consuming Reservation?) {
        self.servedModel = servedModel
        self.asksForUsage = asksForUsage
        self.outputBound = outputBound
        self.reservation = reservation
    }
}

extension RequestPipeline {
    /// Checks that the key's tier allows the request, and reserves the most that it can use.
    @inline(never)
    func admit(_ route: MatchedRoute) throws(RequestFailure) -> Admission {
        guard let key = details.key else { preconditionFailure("admission comes after authentication") }
        let head = exchange.head
        let policies = snapshot.policies
        let asked = route.modelInPath(of: head) ?? details.metadata?.model ?? route.queryModel?.model
        let served = asked.map { policies.models.served($0) }
        details.modelAsked = asked
        details.modelServed = served
        details.streams = details.metadata?.stream ?? false
        details.user = details.metadata?.user ?? snapshot.user(named: head.fields)
        details.tags = head.fields.tags
        do throws(RequestFailure) {
            try checkRights(of: key, to: route.endpoint, policies)
        } catch {
            guard route.endpoint == .other, error.error == .modelNotNamed else { throw error }
            askWhetherServed()
        }
        let asksForUsage =
            details.streams && route.endpoint.streamsUsage && !(details.metadata?.includeUsage ?? true)
        if let resource = details.resource, let lines = resource.lines { try admitBatch(lines, of: key, resource) }
        let reservation = try reserve(key, route.endpoint)
        details.rates = reservation.rates
        let outputBound = reservation.writtenBound
        // Where the path names the body's model, the body may name another one, or none.
        let written = route.path.namesModelOfBody ? details.metadata?.model : asked
        return Admission(
            servedModel: served == written ? nil : served, asksForUsage: asksForUsage, outputBound: outputBound,
            reservation)
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

    /// Holds the most that the request can use against its limits.
    @inline(never)
    private func reserve(_ key: KeyRecord, _ endpoint: Endpoint) throws(RequestFailure) -> Reservation {
        let request =
            details.usesModels ? LimitedRequest(endpoint, details.metadata, model: details.modelServed) : .read
        let now = gateway.clock.limitTime
        do throws(LimitRefusal) {
            return try gateway.limiter.admit(request, of: key, at: now)
        } catch { throw refused(error, at: now) }
    }

    /// The failure of a request that a limit refuses.
    ///
    /// - Parameter wasSent: true where a part of it was sent before.
    @inline(never)
    func refused(_ refusal: LimitRefusal, at now: LimitTime, wasSent: Bool = false) -> RequestFailure {
        details.rates = refusal.rates
        gateway.metrics.refused(by: refusal)
        return .refused(APIError(refusal, at: now.wall), wasSent: wasSent)
    }
}

extension GatewaySnapshot {
    /// The user that the configured header names.
    fileprivate func user(named fields: HeaderFields) -> String? {
        fields.first(configured: userHeader).flatMap { UserName.cleaned(fields.string($0)) }
    }
}

extension HeaderFields {
    /// The tags in `x-propylon-tags`.
    fileprivate var tags: [String] { first("x-propylon-tags").map { UsageTags.cleaned(string($0)) } ?? [] }
}
