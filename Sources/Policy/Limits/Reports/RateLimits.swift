/// The remaining amounts for the headers `x-ratelimit-…`: of requests and of tokens the tightest limit.
package struct RateLimits: Sendable, Equatable {
    /// One limit.
    package struct Rate: Sendable, Equatable {
        /// The limit itself.
        package var limit: Int64
        /// The amount that is left.
        package var remaining: Int64
        /// Microseconds until the whole limit is free again.
        package var reset: Int64
    }

    /// The tightest limit of requests; nil without one.
    package var requests: Rate?
    /// The tightest limit of tokens or output tokens; nil without one.
    package var tokens: Rate?

    /// Takes a limit of `unit` where it is the tightest so far. Limits of money have no header.
    mutating func add(_ unit: LimitUnit, limit: Int64, remaining: Int64, reset: @autoclosure () -> Int64) {
        switch unit {
        case .requests: Self.keepTighter(&requests, limit, remaining, reset)
        case .tokens, .outputTokens: Self.keepTighter(&tokens, limit, remaining, reset)
        case .money: break
        }
    }

    /// Keeps the limit with less remaining, and of equals the one with the later reset. A reset is a division, so it is computed
    /// only where needed.
    private static func keepTighter(_ known: inout Rate?, _ limit: Int64, _ remaining: Int64, _ reset: () -> Int64) {
        if let known, known.remaining < remaining { return }
        let rate = Rate(limit: limit, remaining: remaining, reset: reset())
        if let other = known, other.remaining == remaining, other.reset >= rate.reset { return }
        known = rate
    }
}
