import Bytes

/// Usage in the units of limits: of one request, or the sum of many.
package struct LimitAmounts: Sendable, Equatable {
    /// Requests.
    package var requests: Int64
    /// Input and output tokens.
    package var tokens: Int64
    /// Output tokens, which are among `tokens`.
    package var outputTokens: Int64
    /// Nano-euros.
    package var cost: Int64

    /// The usage of one request. Negative amounts count as 0; larger ones than `most` or `mostMoney` are cut off.
    package init(requests: Int64 = 0, tokens: Int64 = 0, outputTokens: Int64 = 0, cost: Int64 = 0) {
        self.requests = min(max(0, requests), Self.most)
        self.tokens = min(max(0, tokens), Self.most)
        self.outputTokens = min(max(0, outputTokens), Self.most)
        self.cost = min(max(0, cost), Self.mostMoney)
    }

    /// The usage that `record` says.
    package init(_ record: borrowing UsageRecord) {
        self.init(
            requests: record.countsAsRequest ? 1 : 0,
            tokens: record.units.inputTokens.addingSaturated(record.units.outputTokens),
            outputTokens: record.units.outputTokens, cost: record.cost.amount)
    }

    /// The sum over many requests. Negative amounts count as 0; large ones are kept.
    package static func sum(requests: Int64, tokens: Int64, outputTokens: Int64, cost: Int64) -> LimitAmounts {
        var sum = LimitAmounts()
        sum.requests = max(0, requests)
        sum.tokens = max(0, tokens)
        sum.outputTokens = max(0, outputTokens)
        sum.cost = max(0, cost)
        return sum
    }

    /// The part of a batch's usage that limits count which do not count batches: its requests.
    var besideBatches: LimitAmounts { .sum(requests: requests, tokens: 0, outputTokens: 0, cost: 0) }

    /// A change of cost, in nano-euros; negative for less.
    static func change(ofCost change: Int64) -> LimitAmounts {
        var amounts = LimitAmounts()
        amounts.cost = change
        return amounts
    }

    /// The amount of `unit`.
    subscript(unit: LimitUnit) -> Int64 {
        switch unit {
        case .requests: requests
        case .tokens: tokens
        case .outputTokens: outputTokens
        case .money: cost
        }
    }

    /// The sum, saturated.
    package static func + (left: LimitAmounts, right: LimitAmounts) -> LimitAmounts {
        sum(
            requests: left.requests.addingSaturated(right.requests), tokens: left.tokens.addingSaturated(right.tokens),
            outputTokens: left.outputTokens.addingSaturated(right.outputTokens),
            cost: left.cost.addingSaturated(right.cost))
    }

    /// More tokens than a request uses. A larger limit per minute counts as none.
    static let most: Int64 = 10_000_000_000
    /// A thousand million euros.
    static let mostMoney: Int64 = 1_000_000_000_000_000_000
}
