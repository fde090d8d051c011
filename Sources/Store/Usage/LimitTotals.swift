import Policy

/// The sums of `UsageTotals` that limits count: a quarter of its memory, which a start needs for each user and window.
struct LimitTotals {
    var requests: Int128 = 0
    /// Input and output tokens together.
    var tokens: Int128 = 0
    var outputTokens: Int128 = 0
    var cost: Int128 = 0

    /// Adds `other`. As in `UsageTotals`, only damaged totals wrap.
    mutating func add(_ other: LimitTotals) {
        requests &+= other.requests
        tokens &+= other.tokens
        outputTokens &+= other.outputTokens
        cost &+= other.cost
    }

    /// The sums, clamped to 64 bits.
    var amounts: LimitAmounts {
        .sum(
            requests: Int64(clamping: requests), tokens: Int64(clamping: tokens),
            outputTokens: Int64(clamping: outputTokens), cost: Int64(clamping: cost))
    }
}
