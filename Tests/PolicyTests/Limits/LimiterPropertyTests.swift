import Testing

/// Random histories, compared step by step with `LimitModel`: thousands of requests with all endings, clocks that are set by up
/// to 400 days and back, windows that end, tiers that change, keys that move, restarts, batches that nobody bills, grants, credits,
/// other prices, and a queue. Every limit of the table takes part, for keys, teams, the account, models and users.
///
/// No limit is overspent, no counter is negative, no settlement is lost or doubled, and no request is refused that the model
/// admits: so no step locks a key out, and none forgets usage of the present or counts usage of other times.
@Suite struct LimiterPropertyTests {
    @Test(arguments: 0..<72)
    func agreesWithTheModel(seed: Int) throws {
        try RandomHistory(seed: UInt64(seed)).run(steps: 400)
    }
}
