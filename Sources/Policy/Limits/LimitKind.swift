import Bytes

/// The limits that a tier may have, as `INTERFACE.md` names them.
package enum LimitKind: String, Sendable, CaseIterable {
    case requestsPerMinute = "requests_per_minute"
    case tokensPerMinute = "tokens_per_minute"
    case outputTokensPerHour = "output_tokens_per_hour"
    case outputTokensPerDay = "output_tokens_per_day"
    case budgetPerDay = "budget_eur_per_day"
    case budgetPerMonth = "budget_eur_per_month"
    case concurrentRequests = "concurrent_requests"
    case maxOutputTokens = "max_output_tokens"

    /// Whether it is counted in nano-euros.
    package var isMoney: Bool { self == .budgetPerDay || self == .budgetPerMonth }
}

/// Who is limited. Every request is held against its key, its team where it has one, and the account.
package enum LimitScope: Sendable, Equatable {
    /// One key.
    case key
    /// All keys of the team of this name together.
    case team(String)
    /// All keys together: the account at the upstream.
    case account

    /// `key`, `team` or `account`, as reports, metrics and alerts have it.
    package var name: String {
        switch self {
        case .key: "key"
        case .team: "team"
        case .account: "account"
        }
    }
}

/// What a request uses, or may at most use, in the units of limits.
package struct LimitAmounts: Sendable, Equatable {
    /// Input and output tokens.
    package var tokens: Int64
    /// Output tokens, which are among `tokens`.
    package var outputTokens: Int64
    /// Nano-euros.
    package var cost: Int64

    /// So much; what is below zero or beyond all measure is cut off.
    package init(tokens: Int64 = 0, outputTokens: Int64 = 0, cost: Int64 = 0) {
        func bounded(_ amount: Int64, _ most: Int64) -> Int64 { min(max(0, amount), most) }
        self.tokens = bounded(tokens, Self.most)
        self.outputTokens = bounded(outputTokens, Self.most)
        self.cost = bounded(cost, Self.mostMoney)
    }

    /// What the row `record` says.
    package init(_ record: UsageRecord) {
        self.init(
            tokens: record.units.inputTokens.addingSaturated(record.units.outputTokens),
            outputTokens: record.units.outputTokens, cost: record.cost.amount)
    }

    /// More tokens than anybody uses in one request, and a limit of which no minute reaches: sums and products stay in `Int64`.
    static let most: Int64 = 10_000_000_000
    /// A thousand million euros.
    static let mostMoney: Int64 = 1_000_000_000_000_000_000
}
