import Bytes
import Clocks
import SeededRandom
import Testing

@testable import Policy

/// What admission and settlement decide without the whole computation, against the computation.
@Suite struct LimiterShortcutsTests {
    /// Amounts near each other, near the ends of 64 bits, and anywhere.
    private func amount(_ generator: inout SeededGenerator) -> Int64 {
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .random(in: 0...20, using: &generator)
        case 1: .max - .random(in: 0...20, using: &generator)
        case 2: .random(in: 0...1_000_000, using: &generator)
        default: .random(in: 0 ... .max, using: &generator)
        }
    }

    private func scope(_ tier: Tier, used: Int64) -> ScopeUsage {
        var scope = ScopeUsage(name: "key", kind: .key, limits: TierLimits(tier))
        scope.add(.change(ofCost: used), in: .month)
        return scope
    }

    @Test func aShareIsExceededWhereItsDivisionSaysSo() {
        var generator = SeededGenerator(seed: 131)
        let windows = CurrentWindows.Numbers(repeating: 0)
        for _ in 0..<20_000 {
            let (limit, used, asked) = (amount(&generator), amount(&generator), amount(&generator))
            let (weight, weights) = (max(1, amount(&generator) / 4), amount(&generator))
            let account = TierLimits(.limited("account") { $0[.budgetPerMonth] = limit })
            var scope = scope(.limited { $0.weight = Int(weight) }, used: used)
            let amounts = SlotAmounts(.sum(requests: 0, tokens: 0, outputTokens: 0, cost: asked))
            let isBeyond = scope.isBeyondShare(with: amounts, of: account, weights, in: windows)
            let share = FairShares.share(of: limit, weight, weights)
            #expect(
                isBeyond == (asked > 0 && used.addingSaturated(asked) > share),
                "\(used) and \(asked) of \(limit), weight \(weight) of \(weights)")
        }
    }

    @Test func anAlertIsDueFromTheFirstPercentageOn() {
        var generator = SeededGenerator(seed: 132)
        for _ in 0..<20_000 {
            let limit = amount(&generator)
            let percents = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                Int.random(in: 1...100, using: &generator)
            }.sorted()
            let tier = Tier.limited {
                $0[.budgetPerMonth] = limit
                $0.alertAt = percents
            }
            let exact = percents.first.map { Int64(clamping: (Int128(limit) * Int128($0) + 99) / 100) } ?? limit
            for used in [exact - 1, exact, amount(&generator)] {
                var scope = scope(tier, used: used)
                let mayAlert = scope.mayAlert()
                var alerts = 0
                scope.forEachAlert { _, _, _, _ in alerts += 1 }
                // Without a percentage the whole range of 64 bits has to be used up.
                #expect(
                    mayAlert == (alerts > 0) || percents.isEmpty && used == .max,
                    "\(used) of \(limit), alerts at \(percents)")
            }
        }
    }

    @Test func aBucketHasRoomWhereNothingIsToBeWaitedFor() {
        var generator = SeededGenerator(seed: 133)
        for _ in 0..<20_000 {
            var bucket = RateBucket()
            _ = bucket.charge(amount(&generator) / 60_000_000)
            let (limit, units) = (amount(&generator) / 30_000_000, amount(&generator) / 30_000_000)
            #expect(
                bucket.hasRoom(for: units, limit: limit)
                    == (units <= limit && bucket.wait(for: units, limit: limit) == 0))
        }
    }

    // MARK: Weights of shares

    private func tiers(weightOfTwo: Int) -> LimitRules {
        .of(
            .limited("one") { _ in }, .limited("two") { $0.weight = weightOfTwo },
            .limited("account") { $0[.concurrentRequests] = 12 }, account: "account")
    }

    /// Of twelve requests at one time `first` has three in flight and `second` one. Then the weight of `second` becomes three, by
    /// `change`: the share of `first` is three, and what is left of the account is the other's.
    private func expectSmallerShare(tierOfSecond: String, after change: (Limiter) -> Void) throws {
        let limiter = Limiter(tiers(weightOfTwo: tierOfSecond == "two" ? 1 : 3))
        let first = KeyRecord.of("first", tier: "one")
        let second = KeyRecord.of("second", tier: tierOfSecond)
        var held: [RandomHistory.Held] = []
        for key in [first, first, first, second] {
            held.append(RandomHistory.Held(try limiter.admit(.chat(output: 1), of: key, at: .at())))
        }
        #expect(limiter.refusal(.chat(output: 1), of: first, at: .at()) == nil)
        change(limiter)
        #expect(limiter.refusal(.chat(output: 1), of: first, at: .at())?.isShare == true)
        for reservation in held { _ = limiter.settle(reservation.take(), .nothing, at: .at()) }
    }

    @Test func aReloadChangesSharesAtOnce() throws {
        try expectSmallerShare(tierOfSecond: "two") { $0.replace(tiers(weightOfTwo: 3), at: .at()) }
    }

    @Test func anotherTierOfAKeyChangesSharesAtOnce() throws {
        try expectSmallerShare(tierOfSecond: "one") { _ = $0.rates(of: .of("second", tier: "two"), at: .at()) }
    }

    // MARK: Names of the last request

    private func use(of part: LimitPart, _ limiter: Limiter, _ key: KeyRecord, at now: LimitTime) -> Int64? {
        limiter.states(of: key, at: now).first { $0.part == part }?.used
    }

    @Test func theLastModelIsLookedUpAgainInNewLimits() {
        func rules(_ entry: String) -> LimitRules {
            .of(.limited { $0.perModel[entry] = [.requestsPerDay: 10] })
        }
        let key = KeyRecord.of("key")
        let limiter = Limiter(rules("gpt*"))
        for _ in 0..<2 { limiter.tries(.chat(output: 1), of: key, at: .at(), used: LimitAmounts(requests: 1)) }
        #expect(use(of: .model("gpt*"), limiter, key, at: .at()) == 2)
        limiter.replace(rules("gpt-oss:120b"), at: .at())
        limiter.tries(.chat(output: 1), of: key, at: .at(), used: LimitAmounts(requests: 1))
        #expect(use(of: .model("gpt-oss:120b"), limiter, key, at: .at()) == 1)
        limiter.replace(.of(.limited { _ in }), at: .at())
        limiter.replace(rules("other"), at: .at())
        #expect(limiter.parts(of: .chat(output: 1), key, at: .at()).isEmpty)
    }

    @Test func aUserWhoLeftIsNoLongerTheLastOne() throws {
        let day: Int64 = 86_400_000_000
        let key = KeyRecord.of("key")
        let limiter = Limiter(.of(.limited { $0.perUser = [.requestsPerDay: 10] }))
        func ask(_ user: String, at microseconds: Int64) {
            var request = LimitedRequest.chat(output: 1)
            request.user = user
            let now = LimitTime.at(microseconds)
            do throws(LimitRefusal) {
                let reservation = try limiter.admit(request, of: key, at: now)
                _ = limiter.settle(reservation, .used(LimitAmounts()), model: request.model, user: user, at: now)
            } catch { Issue.record("\(error)") }
        }
        ask("ada", at: 0)
        // The next day unused users leave, and the next one takes the place.
        ask("bob", at: day)
        ask("ada", at: day)
        #expect(use(of: .user("ada"), limiter, key, at: .at(day)) == 1)
        #expect(use(of: .user("bob"), limiter, key, at: .at(day)) == 1)
    }
}
