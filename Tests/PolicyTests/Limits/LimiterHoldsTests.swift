import Clocks
import Testing

@testable import Policy

/// Holds of batches: work that is billed later.
@Suite struct LimiterHoldsTests {
    private static let day: Int64 = 86_400_000_000
    private let key = KeyRecord.of("key", team: "red")

    private func lines(input: Int64 = 0, output: Int64 = 0, unbounded: Int64 = 0, model: String = "gpt-oss:120b")
        -> BatchLines
    {
        var part = BatchLines.Part()
        part.lines = 1
        part.likelyInputTokens = input
        part.mostInputTokens = input
        part.outputTokens = output
        part.unboundedOutputs = unbounded
        return BatchLines(url: "/v1/chat/completions", models: [model: part])
    }

    private func refusal(_ limiter: Limiter, _ lines: BatchLines, at now: LimitTime = .at()) -> LimitRefusal? {
        do throws(LimitRefusal) {
            _ = limiter.settle(try limiter.hold(lines, of: key, at: now), LimitAmounts(), at: now)
            return nil
        } catch { return error }
    }

    private func state(_ limiter: Limiter, at now: LimitTime = .at()) -> LimitState {
        limiter.states(of: key, at: now)[0]
    }

    @Test(arguments: LimitKind.allCases)
    func budgetsAndTokensOfADayOrLongerCountBatches(kind: LimitKind) throws {
        let counts: [LimitKind] = [
            .tokensPerDay, .outputTokensPerDay, .budgetPerDay, .budgetPerWeek, .budgetPerMonth, .budgetInTotal,
        ]
        #expect(kind.countsBatches == counts.contains(kind))
        // Limits that do not count batches have no room at all here.
        let limiter = Limiter(.of(.limited { $0[kind] = kind == .maxOutputTokens ? 10 : 0 }))
        #expect((refusal(limiter, lines(input: 10, output: 10)) != nil) == kind.countsBatches)
    }

    @Test func aHoldIsAsLargeAsTheLinesAtThePriceOfBatches() throws {
        let limiter = Limiter(.of(.limited { $0[.budgetPerDay] = 1 << 40 }))
        let hold = try limiter.hold(lines(input: 100, output: 10), of: key, at: .at())
        #expect(state(limiter).reserved == 100 * 900 + 10 * 4000)
        #expect(state(limiter).used == 0)
        _ = limiter.settle(hold, LimitAmounts(cost: 7), at: .at())
        #expect(state(limiter).reserved == 0)
        #expect(state(limiter).used == 7)
    }

    @Test func batchesDoNotFitBesideEachOtherBeyondALimit() throws {
        let limiter = Limiter(.of(.limited { $0[.budgetPerMonth] = 1_000_000 }))
        let hold = try limiter.hold(lines(output: 200), of: key, at: .at())
        let second = try #require(refusal(limiter, lines(output: 51)))
        #expect(second.kind == .budgetPerMonth)
        #expect(second.reserved == 800_000)
        #expect(second.asked == 204_000)
        // Another request of the key meets the hold too.
        #expect(limiter.refusal(.chat(0, output: 26), of: key, at: .at())?.kind == .budgetPerMonth)
        #expect(limiter.tries(.chat(0, output: 25), of: key, at: .at()))
        #expect(refusal(limiter, lines(output: 50)) == nil)
        _ = limiter.settle(hold, LimitAmounts(), at: .at())
        #expect(refusal(limiter, lines(output: 250)) == nil)
    }

    @Test func teamAndAccountHoldToo() throws {
        let tiers = [Tier.limited { _ in }, .limited("team") { $0[.budgetPerDay] = 100_000 }]
        let limiter = Limiter(
            LimitRules(
                Policies(tiers: TierTable(overriding: tiers), teams: ["red": "team"]), accountTier: "team", zone: .utc))
        _ = try limiter.hold(lines(output: 20), of: key, at: .at())
        #expect(limiter.states(of: key, at: .at()).map(\.reserved) == [80_000, 80_000])
        #expect(limiter.refusal(.chat(0, output: 3), of: .of("other", team: "red"), at: .at())?.scope == .team("red"))
        #expect(limiter.refusal(.chat(0, output: 3), of: .of("stranger"), at: .at())?.scope == .account)
    }

    @Test func aHoldLastsOverTheEndsOfWindows() throws {
        let limiter = Limiter(.of(.limited { $0[.budgetPerDay] = 100_000 }))
        let hold = try limiter.hold(lines(output: 20), of: key, at: .at())
        for days in 1...3 {
            let later = LimitTime.at(Int64(days) * Self.day)
            #expect(state(limiter, at: later).reserved == 80_000)
            #expect(refusal(limiter, lines(output: 6), at: later)?.reserved == 80_000)
        }
        _ = limiter.settle(hold, LimitAmounts(cost: 90_000), at: .at(4 * Self.day))
        #expect(state(limiter, at: .at(4 * Self.day)).reserved == 0)
        // Its usage is that of the day on which it is billed.
        #expect(state(limiter, at: .at(4 * Self.day)).used == 90_000)
        #expect(state(limiter, at: .at(5 * Self.day)).used == 0)
    }

    @Test func aHoldLastsOverStepsOfTheClock() throws {
        let limiter = Limiter(.of(.limited { $0[.budgetPerDay] = 100_000 }))
        let hold = try limiter.hold(lines(output: 20), of: key, at: .at())
        for days in [400, -3, 0] {
            let now = LimitTime(
                wall: .init(microseconds: LimitTime.at().wall.microseconds + Int64(days) * Self.day), monotonic: 5)
            limiter.step(to: now, LimitHistory(), keys: .empty)
            #expect(state(limiter, at: now).reserved == 80_000)
        }
        _ = limiter.settle(hold, LimitAmounts(), at: .at(5))
        #expect(state(limiter, at: .at(5)).reserved == 0)
    }

    @Test func theWaitIsTrueWhereAHoldLasts() throws {
        let limiter = Limiter(.of(.limited { $0[.budgetPerDay] = 100_000 }))
        #expect(limiter.tries(.chat(0, output: 10), of: key, at: .at(), used: LimitAmounts(cost: 80_000)))
        let hold = try limiter.hold(lines(output: 5), of: key, at: .at())
        // Without the hold there is room at midnight, with it a part is free then.
        guard case .wait = limiter.refusal(.chat(0, output: 10), of: key, at: .at())?.remedy else {
            Issue.record("80,000 of 100,000 are free at midnight")
            return
        }
        guard case .unknown = limiter.refusal(.chat(0, output: 12), of: key, at: .at())?.remedy else {
            Issue.record("the batch holds too much for it at midnight as well")
            return
        }
        _ = limiter.settle(hold, LimitAmounts(), at: .at())
    }

    @Test func outputsWithoutABoundHoldTheReservationOfTheTier() throws {
        let limiter = Limiter(
            .of(
                .limited {
                    $0.outputReservation = 50; $0[.outputTokensPerDay] = 1000
                }))
        let hold = try limiter.hold(lines(output: 7, unbounded: 3), of: key, at: .at())
        #expect(hold.lines.models["gpt-oss:120b"]?.outputTokens == 157)
        #expect(hold.lines.models["gpt-oss:120b"]?.unboundedOutputs == 0)
        #expect(state(limiter).reserved == 157)
        let bounded = Limiter(
            .of(
                .limited {
                    $0[.maxOutputTokens] = 20; $0[.outputTokensPerDay] = 1000
                }))
        _ = try bounded.hold(lines(unbounded: 3), of: key, at: .at())
        #expect(state(bounded).reserved == 60)
    }

    @Test func aLineMayNotAskForMoreThanARequest() throws {
        let limiter = Limiter(.of(.limited { $0[.maxOutputTokens] = 20 }))
        var lines = lines(output: 40)
        lines.largestOutput = 20
        #expect(refusal(limiter, lines) == nil)
        lines.largestOutput = 21
        #expect(refusal(limiter, lines)?.kind == .maxOutputTokens)
    }

    @Test func aHoldEndsOnce() throws {
        let limiter = Limiter(.of(.limited { $0[.budgetPerDay] = 1_000_000 }))
        let hold = try limiter.hold(lines(output: 20), of: key, at: .at())
        let other = try limiter.hold(lines(output: 30), of: key, at: .at())
        for _ in 0..<3 { _ = limiter.settle(hold, LimitAmounts(), at: .at()) }
        #expect(state(limiter).reserved == 120_000)
        _ = limiter.settle(other, LimitAmounts(), at: .at())
    }

    /// After a restart the key may be gone, and the limit may be smaller than the hold.
    @Test func holdsAreResumedForTheKeyAndTeamOfTheBatch() {
        let limiter = Limiter(
            .of(
                .limited { $0[.budgetPerDay] = 100 }, .limited("team") { $0[.budgetPerDay] = 100 },
                teams: ["red": "team"]))
        let keys = KeySnapshot([key])
        _ = limiter.resumeHold(lines(output: 20), keyID: "key", team: "blue", keys: keys, at: .at())
        #expect(limiter.states(of: key, at: .at()).map(\.reserved) == [80_000, 0])
        let gone = limiter.resumeHold(lines(output: 20), keyID: "gone", team: "red", keys: keys, at: .at())
        #expect(limiter.states(of: key, at: .at()).map(\.reserved) == [80_000, 80_000])
        _ = limiter.settle(gone, LimitAmounts(cost: 3), at: .at())
        #expect(limiter.states(of: key, at: .at()).map(\.used) == [0, 3])
    }

    @Test func wildNumbersDoNotTrap() throws {
        let limiter = Limiter(.of(.limited { $0[.budgetPerDay] = .max }))
        var part = BatchLines.Part()
        part.lines = .max
        part.likelyInputTokens = .max
        part.mostInputTokens = .max
        part.outputTokens = .max
        part.unboundedOutputs = .max
        let wild = BatchLines(url: nil, models: ["a": part, "b": part], largestOutput: .max)
        for _ in 0..<2 {
            let hold = limiter.resumeHold(wild, keyID: "key", team: nil, keys: .empty, at: .at())
            let second = limiter.resumeHold(
                wild.bounded { _ in .max }, keyID: "key", team: nil, keys: .empty, at: .at(Self.day))
            _ = limiter.settle(hold, LimitAmounts(cost: .max), at: .at(Self.day))
            _ = limiter.settle(second, LimitAmounts(cost: .max), at: .at(Self.day))
        }
        #expect(wild.mean(of: "a")?.input == 1)
        #expect(state(limiter, at: .at(Self.day)).reserved == 0)
    }

    @Test func theMeanIsThatOfTheModelOrOfAll() {
        var few = BatchLines.Part()
        few.lines = 2
        few.likelyInputTokens = 5
        few.outputTokens = 8
        var one = BatchLines.Part()
        one.lines = 1
        one.likelyInputTokens = 4
        one.outputTokens = 1
        let lines = BatchLines(url: nil, models: ["few": few, "one": one])
        #expect(lines.mean(of: "few").map { [$0.input, $0.output] } == [3, 4])
        #expect(lines.mean(of: "one").map { [$0.input, $0.output] } == [4, 1])
        #expect(lines.mean(of: "else").map { [$0.input, $0.output] } == [3, 3])
        #expect(lines.mean(of: nil).map { [$0.input, $0.output] } == [3, 3])
        #expect(BatchLines(url: nil, models: [:]).mean(of: nil) == nil)
    }

    /// A restart counts the usage of batches as the limiter does: in no hour and no minute.
    @Test func usageOfBatchesIsRestoredWhereItCounts() {
        let used = LimitAmounts(requests: 1, tokens: 60, outputTokens: 40, cost: 9)
        let limiter = Limiter(
            .of(
                .limited {
                    for kind in LimitKind.allCases where kind.form != .perRequest { $0[kind] = 1000 }
                }))
        let row = LimitHistory.Requests(
            startedAt: LimitTime.at().wall, UsageOwner(keyID: "key", team: nil), amounts: used, isOfBatches: true)
        limiter.restore(
            LimitHistory(of: [row], in: limiter.historySpan(at: .at())), keys: KeySnapshot([key]), at: .at())
        let states = Dictionary(uniqueKeysWithValues: limiter.states(of: key, at: .at()).map { ($0.kind, $0.used) })
        for kind in LimitKind.allCases where kind.form != .perRequest && kind.form != .concurrent {
            #expect(states[kind] == (kind.countsBatches || kind.unit == .requests ? used[kind.unit] : 0), "\(kind)")
        }
    }
}
