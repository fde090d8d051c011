import Clocks
import HTTP1
import OpenAIAPI
import Policy
import Transport

extension RequestPassage {
    /// Holds against the limits the most that the request can use. What only reads (lists, files, polls) uses nothing and is never
    /// billed, so it is held against no limit.
    ///
    /// - Returns: the bound to write into the request, where its limits want one and it has none.
    @inline(never)
    func reserve(_ key: KeyRecord, _ route: MatchedRoute, model: String?) throws(Departure) -> Int64? {
        guard RequestMethod(exchange.head) == .other || route.endpoint == .realtime else { return nil }
        let request = LimitedRequest(route.endpoint, facts, model: model)
        let now = LimitTime.now
        do throws(LimitRefusal) {
            let reservation = try gateway.limiter.admit(request, of: key, at: now)
            let bound = reservation.writtenBound
            rates = reservation.rates
            if reservation.isOpen { outputAllowance = reservation.outputTokens }
            self.reservation = consume reservation
            return bound
        } catch {
            rates = error.rates
            gateway.metrics.refused(by: error)
            throw .refused(APIError(error, at: now.wall), .refused)
        }
    }

    /// Puts what the request came to in the place of what it held.
    func settleReservation(_ record: UsageRecord) {
        guard let reservation = reservation.take() else { return }
        for alert in gateway.limiter.settle(reservation, LimitOutcome(record), at: .now) {
            gateway.alerts.reached(alert)
        }
    }

    /// Whether a stream that has written `outputTokens` may go on: one without a bound extends its reservation as it goes.
    func mayGoOn(at outputTokens: Int64) -> Bool {
        guard outputTokens > outputAllowance, var reservation = reservation.take() else { return true }
        let isExtended = extend(&reservation, to: outputTokens)
        let stops = reservation.overrun == .stop
        outputAllowance = isExtended ? reservation.outputTokens : .max
        self.reservation = consume reservation
        guard !isExtended else { return true }
        gateway.metrics.overruns.add()
        return !stops
    }

    /// Has `reservation` hold what a stream of `outputTokens` needs; false where the limits have not so much left.
    private func extend(_ reservation: inout Reservation, to outputTokens: Int64) -> Bool {
        let excess = outputTokens - reservation.outputTokens
        // In steps, so that not every event asks; where these do not fit, to the token.
        let step = max(excess, reservation.outputTokens / 8)
        let now = LimitTime.now
        return gateway.limiter.extend(&reservation, by: step, at: now)
            || step > excess && gateway.limiter.extend(&reservation, by: excess, at: now)
    }

    /// The fields that tell where the caller stands; none where nothing limits it.
    @inline(never)
    func rateFields() -> [(name: StaticString, value: String)] {
        guard let key else { return [] }
        let rates = rates ?? gateway.limiter.rates(of: key, at: .now)
        return rates.fields(snapshot.options.resetFormat, at: .now)
    }
}

extension LimitTime {
    /// Now, on both clocks.
    package static var now: LimitTime {
        LimitTime(wall: .now, monotonic: Int64(MonotonicTime.now.nanoseconds / 1000))
    }
}

/// Is told what whoever runs the gateway should know. Called from the loops: must not block.
package protocol AlertSink: Sendable {
    /// `alert` was reached just now, once in its window: a limit is used up to a percentage that its tier wants to be told of.
    func reached(_ alert: LimitAlert)

    /// A request to `model` was billed at the default price: neither the vendor's list nor the configuration knows another.
    func hasNoPrice(_ model: String)
}

extension Endpoint {
    /// The table of prices that it is billed by.
    var serviceKind: ServiceKind {
        switch self {
        case .chatCompletions, .completions, .embeddings, .other: .tokens
        case .rerank: .rerank
        case .transcriptions, .translations, .realtime: .transcription
        case .speech: .speech
        case .images: .images
        case .models, .files, .batches: .free
        }
    }
}

extension LimitedRequest {
    /// What limits have to know of a request to `endpoint` whose body says `facts`.
    init(_ endpoint: Endpoint, _ facts: RequestMetadata?, model: String?) {
        var units = BillableUnits()
        var most: Int64 = 0
        var output = Output.none
        switch endpoint {
        case .chatCompletions, .completions, .embeddings, .rerank:
            units.inputTokens = facts?.amounts.likelyMostInputTokens ?? 0
            most = facts?.amounts.mostInputTokens ?? 0
            if endpoint.writesText {
                let choices = facts?.generations ?? 1
                output =
                    facts?.maxOutputTokens.map { .bounded(perChoice: $0, choices: choices) }
                    ?? .unbounded(choices: choices, canBeBounded: facts?.canBeBounded ?? false)
            }
        case .transcriptions, .translations:
            units.audioMinutes = facts?.amounts.estimatedAudioMinutes ?? 1
        case .realtime: units.audioMinutes = 1
        case .speech: units.characters = Int64(facts?.amounts.inputScalars ?? 0)
        case .images: units.images = facts?.amounts.images ?? 1
        case .other: output = .unbounded(choices: 1, canBeBounded: false)
        case .models, .files, .batches: break
        }
        self.init(kind: endpoint.serviceKind, model: model, units: units, mostInputTokens: most, output: output)
    }
}

extension RateLimits {
    /// `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`, for what is limited.
    func fields(_ format: ResetFormat, at now: Timestamp) -> [(name: StaticString, value: String)] {
        var fields: [(name: StaticString, value: String)] = []
        if let requests {
            fields.append(("x-ratelimit-limit-requests", String(requests.limit)))
            fields.append(("x-ratelimit-remaining-requests", String(requests.remaining)))
            fields.append(("x-ratelimit-reset-requests", format.text(requests.reset, at: now)))
        }
        if let tokens {
            fields.append(("x-ratelimit-limit-tokens", String(tokens.limit)))
            fields.append(("x-ratelimit-remaining-tokens", String(tokens.remaining)))
            fields.append(("x-ratelimit-reset-tokens", format.text(tokens.reset, at: now)))
        }
        return fields
    }
}

extension ResetFormat {
    /// The moment `microseconds` after `now`, rounded up.
    func text(_ microseconds: Int64, at now: Timestamp) -> String {
        switch self {
        case .unix: return String((now.microseconds + microseconds + 999_999) / 1_000_000)
        case .duration:
            let milliseconds = (microseconds + 999) / 1000
            guard milliseconds >= 1000 || milliseconds == 0 else { return "\(milliseconds)ms" }
            let seconds = (milliseconds + 999) / 1000
            let minutes = seconds / 60
            if minutes == 0 { return "\(seconds)s" }
            if minutes < 60 { return "\(minutes)m\(seconds % 60)s" }
            return "\(minutes / 60)h\(minutes % 60)m\(seconds % 60)s"
        }
    }
}

extension APIError {
    /// What a caller is told whose request does not fit under a limit.
    init(_ refusal: LimitRefusal, at now: Timestamp) {
        let whose =
            switch refusal.scope {
            case .key: "this key"
            case .team(let name): "the team \(name)"
            case .account: "the account that all keys of this gateway share"
            }
        let limit = refusal.kind.text(refusal.limit)
        var wait: Int64?
        switch refusal.remedy {
        case .askForLess:
            self = .maxTokensExceeded(asked: refusal.kind.amount(refusal.asked), limit: limit, whose: whose)
            return
        case .wait(let microseconds): wait = (microseconds + 999) / 1000
        case .waitForOthers: break
        }
        let used = "\(refusal.kind.amount(refusal.used)) are used"
        let held =
            refusal.reserved > 0 ? ", \(refusal.kind.amount(refusal.reserved)) are held by requests under way" : ""
        let share = refusal.isShare ? " by this key, and what is left is the share of other keys" : ""
        let asked =
            refusal.kind.isCountOfRequests ? "" : ", and this one may take up to \(refusal.kind.amount(refusal.asked))"
        let reached = ReachedLimit(
            whose: whose, limit: limit, state: used + share + held + asked, wait: wait,
            freeAt: wait.map { Timestamp(microseconds: now.microseconds + $0 * 1000).utcText })
        self =
            switch (refusal.scope, refusal.kind) {
            case (.account, _): .upstreamLimitExceeded(reached)
            case (_, .requestsPerMinute), (_, .tokensPerMinute): .rateLimitExceeded(reached)
            case (_, .concurrentRequests): .concurrencyLimitExceeded(reached)
            case (_, .outputTokensPerHour), (_, .outputTokensPerDay), (_, .maxOutputTokens): .quotaExceeded(reached)
            case (_, .budgetPerDay), (_, .budgetPerMonth): .budgetExceeded(reached)
            }
    }
}

extension LimitKind {
    fileprivate var isCountOfRequests: Bool { self == .requestsPerMinute || self == .concurrentRequests }

    /// An amount with its unit.
    fileprivate func amount(_ amount: Int64) -> String {
        switch self {
        case .requestsPerMinute, .concurrentRequests: "\(amount)"
        case .tokensPerMinute: "\(amount) tokens"
        case .outputTokensPerHour, .outputTokensPerDay, .maxOutputTokens: "\(amount) output tokens"
        case .budgetPerDay, .budgetPerMonth: "\(NanoEuros(amount).decimal) EUR"
        }
    }

    /// The limit in words.
    fileprivate func text(_ limit: Int64) -> String {
        switch self {
        case .requestsPerMinute: "\(limit) requests a minute"
        case .tokensPerMinute: "\(limit) tokens a minute"
        case .outputTokensPerHour: "\(limit) output tokens an hour"
        case .outputTokensPerDay: "\(limit) output tokens a day"
        case .budgetPerDay: "\(NanoEuros(limit).decimal) EUR a day"
        case .budgetPerMonth: "\(NanoEuros(limit).decimal) EUR a month"
        case .concurrentRequests: "\(limit) requests at one time"
        case .maxOutputTokens: "\(limit) output tokens a request"
        }
    }
}
