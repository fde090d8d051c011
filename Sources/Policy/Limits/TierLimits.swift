/// A tier's limits, ready to be held against requests. An object: a request refers to it, and copies nothing.
final class TierLimits: Sendable {
    let name: String
    let requestsPerMinute: Int64?
    let tokensPerMinute: Int64?
    let outputTokensPerHour: Int64?
    let outputTokensPerDay: Int64?
    let budgetPerDay: Int64?
    let budgetPerMonth: Int64?
    let concurrentRequests: Int64?
    let maxOutputTokens: Int64?
    let outputReservation: Int64
    let overrun: Tier.Overrun
    /// Percentages, ascending.
    let alertAt: [Int]
    let weight: Int64

    init(_ tier: Tier) {
        // What nobody can use up is no limit.
        func bounded(_ limit: Int64?, _ most: Int64 = LimitAmounts.most) -> Int64? {
            limit.flatMap { $0 <= most ? $0 : nil }
        }
        name = tier.name
        requestsPerMinute = bounded(tier.requestsPerMinute)
        tokensPerMinute = bounded(tier.tokensPerMinute)
        outputTokensPerHour = bounded(tier.outputTokensPerHour, .max)
        outputTokensPerDay = bounded(tier.outputTokensPerDay, .max)
        budgetPerDay = tier.budgetPerDay?.amount
        budgetPerMonth = tier.budgetPerMonth?.amount
        concurrentRequests = tier.concurrentRequests
        maxOutputTokens = tier.maxOutputTokens
        outputReservation = min(tier.outputReservation, LimitAmounts.most)
        overrun = tier.overrun
        alertAt = tier.alertAt
        weight = Int64(tier.weight)
    }

    /// The limit of the kind `kind`.
    func limit(_ kind: LimitKind) -> Int64? {
        switch kind {
        case .requestsPerMinute: requestsPerMinute
        case .tokensPerMinute: tokensPerMinute
        case .outputTokensPerHour: outputTokensPerHour
        case .outputTokensPerDay: outputTokensPerDay
        case .budgetPerDay: budgetPerDay
        case .budgetPerMonth: budgetPerMonth
        case .concurrentRequests: concurrentRequests
        case .maxOutputTokens: maxOutputTokens
        }
    }

    /// The most output tokens that any request can have under these limits, with so many input tokens; nil without such a limit.
    func largestOutput(withInput input: Int64) -> Int64? {
        var least: Int64?
        for limit in [
            maxOutputTokens, tokensPerMinute.map { max(0, $0 - input) }, outputTokensPerHour, outputTokensPerDay,
        ] {
            if let limit { least = min(least ?? limit, limit) }
        }
        return least
    }

    /// Whether a request's output has to be bounded, because tokens or money are limited.
    var limitsOutput: Bool {
        maxOutputTokens != nil || tokensPerMinute != nil || outputTokensPerHour != nil || outputTokensPerDay != nil
            || budgetPerDay != nil || budgetPerMonth != nil
    }
}

/// The limits of a configuration: one immutable value, replaced as a whole by a reload.
package struct LimitRules: Sendable {
    private let tiers: [String: TierLimits]
    private let teams: [String: TierLimits]
    let account: TierLimits?
    let prices: PriceList
    let zone: ZoneOffsets

    /// The limits of `policies`, and of the account where `accountTier` names its tier.
    ///
    /// - Parameter zone: in which hours, days and months begin; it has to reach as far as the gateway will run.
    package init(_ policies: Policies, accountTier: String?, zone: ZoneOffsets) {
        let tiers = Dictionary(uniqueKeysWithValues: policies.tiers.all.map { ($0.name, TierLimits($0)) })
        self.tiers = tiers
        teams = policies.teams.compactMapValues { tiers[$0] }
        account = accountTier.flatMap { tiers[$0] }
        prices = policies.prices
        self.zone = zone
    }

    /// Whether requests or tokens a minute are limited anywhere.
    var limitMinutes: Bool {
        tiers.values.contains { $0.requestsPerMinute != nil || $0.tokensPerMinute != nil }
    }

    /// The limits of a tier; nil where the configuration does not have it.
    func tier(_ name: String) -> TierLimits? { tiers[name] }

    /// The limits of a team; nil where it has none of its own.
    func team(_ name: String) -> TierLimits? { teams[name] }
}
