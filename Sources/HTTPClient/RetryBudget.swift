import Clocks

/// Bound on retries as a part of all requests: where much fails, retries must not multiply the load.
///
/// A request earns a fifth of a retry. Some more come with time, so that a rare request can be retried too.
///
/// A pure value: the time is an argument.
package struct RetryBudget: Sendable {
    /// Requests that earn one retry: retries are at most 20 % of them.
    private static let requestsPerRetry = 5
    /// Retries a second in any case.
    private static let perSecond = 2
    /// Retries that can be saved up.
    private static let most = 10

    /// Savings, in `requestsPerRetry` parts of a retry.
    private var savings = most * requestsPerRetry
    private var refilledAt: MonotonicTime

    /// A full budget.
    package init(at now: MonotonicTime) { refilledAt = now }

    /// A request begins.
    package mutating func requestStarted() {
        if savings < Self.most * Self.requestsPerRetry { savings += 1 }
    }

    /// Returns true where a retry may be made at `now`, which is then counted.
    package mutating func takeRetry(at now: MonotonicTime) -> Bool {
        let unit = Duration.seconds(1) / (Self.perSecond * Self.requestsPerRetry)
        let earned = Int(min((now - refilledAt) / unit, Double(Self.most * Self.requestsPerRetry)))
        if earned > 0 {
            savings = min(savings + earned, Self.most * Self.requestsPerRetry)
            refilledAt = now
        }
        guard savings >= Self.requestsPerRetry else { return false }
        savings -= Self.requestsPerRetry
        return true
    }

    /// Pause before the retry number `attempt`, which begins at 0: 200 ms, doubled each time, up to `most`, of which a
    /// random half to one and a half is taken.
    ///
    /// - Parameter jitter: chance in 0..<1.
    package static func pause(before attempt: Int, jitter: Double, most: Duration = .seconds(10)) -> Duration {
        min(.milliseconds(200) * (1 << min(max(attempt, 0), 16)), most) * (0.5 + jitter)
    }
}
