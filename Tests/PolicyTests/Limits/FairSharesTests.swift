import SeededRandom
import Testing

@testable import Policy

/// What `FairShares` promises, shown by simulations over hours of the account.
@Suite struct FairSharesTests {
    /// Keys that ask for `size` tokens again and again, each with its own impatience, in one hour of an account of `limit`.
    /// - Returns: what each of them got.
    private func simulate(
        weights: [Int], limit: Int64, size: Int64, requestsPerMinute: [Int], seed: UInt64, from starts: [Int]? = nil
    ) -> [Int64] {
        var account = Tier(name: "account")
        account[.outputTokensPerHour] = limit
        let tiers = weights.enumerated().map { number, weight in Tier.limited("w\(number)") { $0.weight = weight } }
        let limiter = Limiter(
            LimitRules(
                Policies(tiers: TierTable(overriding: tiers + [account])), accountTier: "account", zone: .utc))
        let keys = weights.indices.map { KeyRecord.of("key\($0)", tier: "w\($0)") }
        var generator = SeededGenerator(seed: seed)
        var got = weights.map { _ in Int64(0) }
        for second in 0..<3600 {
            for key in keys.indices.shuffled(using: &generator) where second >= starts?[key] ?? 0 {
                for _ in 0..<requestsPerMinute[key] where Int.random(in: 0..<60, using: &generator) == 0 {
                    let used = LimitAmounts(tokens: size, outputTokens: size)
                    if limiter.tries(
                        .chat(0, output: size), of: keys[key], at: .at(Int64(second) * 1_000_000), used: used)
                    {
                        got[key] += size
                    }
                }
            }
        }
        return got
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func whoeverIsAloneHasAllOfIt(seed: UInt64) {
        #expect(simulate(weights: [1], limit: 10_000, size: 100, requestsPerMinute: [30], seed: seed) == [10_000])
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func greedDoesNotHelpAgainstAnEqual(seed: UInt64) {
        // It comes when the other one is there already: nobody can keep for others what they have not asked for.
        let got = simulate(
            weights: [1, 1], limit: 10_000, size: 100, requestsPerMinute: [600, 6], seed: seed, from: [60, 0])
        #expect(got == [5000, 5000])
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func contendersGetWhatTheirWeightsSay(seed: UInt64) {
        let got = simulate(
            weights: [1, 2, 5], limit: 80_000, size: 100, requestsPerMinute: [60, 60, 60], seed: seed)
        #expect(got == [10_000, 20_000, 50_000])
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func whatTheModestLeaveIsSpare(seed: UInt64) {
        // The second one asks twice a minute: 120 requests of 10 tokens in an hour.
        let got = simulate(weights: [1, 1], limit: 20_000, size: 10, requestsPerMinute: [600, 2], seed: seed)
        #expect(got[1] < 2000)
        // While it still asks the rest of its share is kept for it; the last request can come in the last minute.
        #expect(got[0] >= 10_000)
        #expect(got[0] + got[1] <= 20_000)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func whoeverComesLateFindsHisShareIfTheOtherHasNotHadItYet(seed: UInt64) {
        let got = simulate(
            weights: [1, 1], limit: 60_000, size: 100, requestsPerMinute: [10, 60], seed: seed, from: [0, 1200])
        // The first one had about 20,000 by then, and may go on to its 30,000.
        #expect(got == [30_000, 30_000])
    }

    @Test func sharesNeverSumUpToMoreThanTheLimit() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<1000 {
            let limit = Int64.random(in: 0...(1 << 60), using: &generator)
            let weights = (0..<20).map { _ in Int64.random(in: 1...1000, using: &generator) }
            let sum = weights.reduce(0, +)
            let shares = weights.map { FairShares.share(of: limit, $0, sum) }
            #expect(shares.reduce(0, +) <= limit)
            #expect(limit - shares.reduce(0, +) < 20)
        }
    }

    @Test func manyKeysShareToo() {
        var account = Tier(name: "account")
        account[.outputTokensPerHour] = 100_000
        let limiter = Limiter(
            .of(.limited { _ in }, account, account: "account"))
        let keys = (0..<500).map { KeyRecord.of("key\($0)") }
        var got = [Int64](repeating: 0, count: keys.count)
        var generator = SeededGenerator(seed: 9)
        for step in 0..<20_000 {
            // Every second request is the greedy one's.
            let key = step % 2 == 0 ? 0 : Int.random(in: 1..<500, using: &generator)
            let used = LimitAmounts(tokens: 20, outputTokens: 20)
            if limiter.tries(.chat(0, output: 20), of: keys[key], at: .at(Int64(step) * 5000), used: used) {
                got[key] += 20
            }
        }
        #expect(got.reduce(0, +) <= 100_000)
        // Shares are of those who have asked: the first ones found few others.
        #expect(got[0] < 20_000)
        #expect(got.dropFirst().filter { $0 >= 180 }.count > 400)
    }
}
