import Bytes
import Clocks
import OpenAIAPI
import Policy

extension APIError {
    /// The error for a request to `endpoint` that does not fit under a limit. Times in it are those of `zone`.
    init(_ refusal: LimitRefusal, _ endpoint: Endpoint, at now: Timestamp, in zone: ZoneOffsets) {
        let whose = Self.name(of: refusal.scope) + (refusal.part.map(Self.name) ?? "")
        let limit = refusal.kind.text(refusal.limit)
        let wait: ReachedLimit.Wait
        switch refusal.remedy {
        case .askForLess:
            self = .maxTokensExceeded(asked: refusal.kind.amount(refusal.asked), limit: limit, whose: whose)
            return
        case .wait(let microseconds):
            let milliseconds = microseconds.ceilingQuotient(by: 1000)
            let moment = now.microseconds.addingSaturated(milliseconds.multipliedSaturated(by: 1000))
            wait = .known(milliseconds: milliseconds, until: Timestamp(microseconds: moment).text(in: zone))
        case .unknown(let pause): wait = .unknown(pause: pause.ceilingQuotient(by: 1000))
        case .raiseLimit: wait = .never
        }
        let used = "\(refusal.kind.amount(refusal.used)) are used"
        let held =
            refusal.reserved > 0
            ? ", \(refusal.kind.amount(refusal.reserved)) are held by requests and batches in flight" : ""
        let share = refusal.isShare ? " by this key, and what is left is the share of other keys" : ""
        let reached = ReachedLimit(
            whose: whose, limit: limit, state: used + share + held, lack: ReachedLimit.Lack(refusal, endpoint),
            wait: wait)
        self =
            switch (refusal.scope, refusal.kind.family) {
            case (.account, _): .limitReached(.upstream, reached)
            case (_, .rate): .limitReached(.rate, reached)
            case (_, .concurrency): .limitReached(.concurrency, reached)
            case (_, .quota): .limitReached(.quota, reached)
            case (_, .budget): .limitReached(.budget, reached)
            }
    }

    private static func name(of scope: LimitScope) -> String {
        switch scope {
        case .key: "this key"
        case .team(let name): "the team \(name)"
        case .account: "the account that all keys of this gateway share"
        }
    }

    private static func name(of part: LimitPart) -> String {
        switch part {
        case .model(let name): " for the model \(name)"
        case .user(""): " for requests without a user"
        case .user(let name): " for the user \(name)"
        }
    }
}

extension ReachedLimit.Lack {
    /// What the request lacks; nil where nothing is left of the limit, or only other keys' shares.
    fileprivate init?(_ refusal: LimitRefusal, _ endpoint: Endpoint) {
        guard refusal.kind.unit != .requests, !refusal.isShare, refusal.left > 0 else { return nil }
        self.init(
            most: refusal.kind.amount(refusal.asked), left: refusal.kind.amount(refusal.left),
            remedy: refusal.fitsWithLessOutput ? endpoint.outputBound : nil)
    }
}
