import Bytes
import Clocks
import OpenAIAPI
import Policy

extension APIError {
    /// The error for a request that does not fit under a limit.
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
            case (.account, _): .limitReached(.upstream, reached)
            case (_, .requestsPerMinute), (_, .tokensPerMinute): .limitReached(.rate, reached)
            case (_, .concurrentRequests): .limitReached(.concurrency, reached)
            case (_, .outputTokensPerHour), (_, .outputTokensPerDay), (_, .maxOutputTokens):
                .limitReached(.quota, reached)
            case (_, .budgetPerDay), (_, .budgetPerMonth): .limitReached(.budget, reached)
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
