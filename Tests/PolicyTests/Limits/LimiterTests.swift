import Clocks
import Testing

@testable import Policy

@Suite struct LimiterTests {
    private let key = KeyRecord.of("key")
    private let hour: Int64 = 3_600_000_000

    @Test func aQuotaLastsUntilTheHourEnds() throws {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerHour] = 1000 }))
        let start = LimitTime.at(600_000_000)
        for _ in 0..<10 {
            #expect(limiter.tries(.chat(output: 100), of: key, at: start, used: .init(tokens: 110, outputTokens: 100)))
        }
        let refusal = try #require(limiter.refusal(.chat(output: 100), of: key, at: start))
        #expect(refusal.kind == .outputTokensPerHour)
        #expect(refusal.scope == .key)
        #expect(refusal.used == 1000)
        #expect(refusal.reserved == 0)
        #expect(refusal.remedy == .wait(microseconds: 3_000_000_000))
        #expect(limiter.refusal(.chat(output: 1), of: key, at: .at(hour - 1)) != nil)
        #expect(limiter.refusal(.chat(output: 1000), of: key, at: .at(hour)) == nil)
    }

    @Test func whatIsReservedIsNotGivenTwice() throws {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerHour] = 1000 }))
        let first = try limiter.admit(.chat(output: 600), of: key, at: .at())
        let refusal = try #require(limiter.refusal(.chat(output: 401), of: key, at: .at()))
        #expect(refusal.remedy == .unknown(pause: RefusalPauses.shortest))
        #expect(refusal.reserved == 600)
        let second = try limiter.admit(.chat(output: 400), of: key, at: .at())
        _ = limiter.settle(first, .used(.init(tokens: 10, outputTokens: 10)), at: .at())
        #expect(limiter.refusal(.chat(output: 590), of: key, at: .at()) == nil)
        #expect(limiter.refusal(.chat(output: 591), of: key, at: .at()) != nil)
        _ = limiter.settle(second, .nothing, at: .at())
        #expect(limiter.refusal(.chat(output: 990), of: key, at: .at()) == nil)
    }

    @Test func aRefusalUsesUpNothingAnywhere() throws {
        let limiter = Limiter(
            .of(
                .limited { $0[.requestsPerMinute] = 10 }, .limited("team") { $0[.outputTokensPerDay] = 50 },
                .limited("account") { $0[.budgetPerMonth] = 10_000_000 }, teams: ["red": "team"],
                account: "account"))
        let key = KeyRecord.of("key", team: "red")
        let before = limiter.states(of: key, at: .at())
        let refusal = try #require(limiter.refusal(.chat(output: 51), of: key, at: .at()))
        #expect(refusal.scope == .team("red"))
        #expect(refusal.remedy == .askForLess)
        #expect(limiter.states(of: key, at: .at()) == before)
        #expect(before.map(\.kind) == [.requestsPerMinute, .outputTokensPerDay, .budgetPerMonth])
    }

    @Test func costsBeyondAllMeasureAreHeldAndGivenBack() throws {
        let limiter = Limiter(.of(.limited { $0[.budgetPerMonth] = .max }))
        var units = BillableUnits()
        units.inputTokens = .max
        let request = LimitedRequest(kind: .tokens, model: "m", units: units, output: .none)
        let keys = (0..<40).map { KeyRecord.of(String(repeating: "k", count: $0 + 1)) }
        final class Held {
            var reservation: Reservation?
            init(_ reservation: consuming Reservation) { self.reservation = consume reservation }
        }
        let held = try keys.map { Held(try limiter.admit(request, of: $0, at: .at())) }
        #expect(limiter.states(of: keys[0], at: .at())[0].reserved == 1_000_000_000_000_000_000)
        for held in held {
            if let reservation = held.reservation.take() { _ = limiter.settle(reservation, .nothing, at: .at()) }
        }
        #expect(limiter.states(of: keys[0], at: .at())[0].reserved == 0)
    }

    @Test func aTeamSharesWhatItHas() {
        let limiter = Limiter(
            .of(.limited { _ in }, .limited("team") { $0[.requestsPerMinute] = 3 }, teams: ["red": "team"]))
        let keys = ["a", "bb", "ccc", "dddd"].map { KeyRecord.of($0, team: "red") }
        let admitted = keys.filter { limiter.tries(.chat(output: 1), of: $0, at: .at(), used: .init(tokens: 2)) }
        #expect(admitted.count == 3)
        #expect(limiter.tries(.chat(output: 1), of: .of("eeeee", team: "blue"), at: .at()))
    }

    @Test func requestsAtOneTimeAreFreedAtTheirEnd() throws {
        let limiter = Limiter(.of(.limited { $0[.concurrentRequests] = 2 }))
        let first = try limiter.admit(.chat(output: 5), of: key, at: .at())
        let second = try limiter.admit(.chat(output: 5), of: key, at: .at())
        let refusal = try #require(limiter.refusal(.chat(output: 5), of: key, at: .at()))
        #expect(refusal.kind == .concurrentRequests)
        #expect(refusal.remedy == .unknown(pause: RefusalPauses.shortest))
        _ = limiter.settle(first, .nothing, at: .at())
        #expect(limiter.refusal(.chat(output: 5), of: key, at: .at()) == nil)
        _ = limiter.settle(second, .nothing, at: .at())
    }

    @Test func theWaitThatIsToldIsTrue() throws {
        let limiter = Limiter(
            .of(
                .limited {
                    $0[.requestsPerMinute] = 7
                    $0[.tokensPerMinute] = 1000
                }))
        for _ in 0..<7 { #expect(limiter.tries(.chat(9, output: 1), of: key, at: .at(), used: .init(tokens: 10))) }
        let refusal = try #require(limiter.refusal(.chat(9, output: 991), of: key, at: .at()))
        guard case .wait(let wait) = refusal.remedy else { return #expect(Bool(false), "it has to say how long") }
        #expect(limiter.refusal(.chat(9, output: 991), of: key, at: .at(wait - 1)) != nil)
        #expect(limiter.refusal(.chat(9, output: 991), of: key, at: .at(wait)) == nil)
    }

    // MARK: Bounds

    @Test func theTiersBoundIsWrittenWhereNoneIsNamed() throws {
        let limiter = Limiter(.of(.limited { $0[.maxOutputTokens] = 400 }))
        let one = try limiter.admit(.chat(output: nil), of: key, at: .at())
        let terms = one.terms
        #expect(terms == ReservationTerms(outputTokens: 400, writtenBound: 400, isOpen: false))
        _ = limiter.settle(one, .nothing, at: .at())
        let three = try limiter.admit(.chat(output: nil, choices: 3), of: key, at: .at())
        let shared = three.terms
        #expect(shared == ReservationTerms(outputTokens: 399, writtenBound: 133, isOpen: false))
        _ = limiter.settle(three, .nothing, at: .at())
        let refusal = try #require(limiter.refusal(.chat(output: 200, choices: 3), of: key, at: .at()))
        #expect(refusal.kind == .maxOutputTokens)
        #expect(refusal.remedy == .askForLess)
    }

    @Test func withoutLimitsOfOutputARequestStaysAsItIs() throws {
        let limiter = Limiter(.of(.limited { $0[.requestsPerMinute] = 5 }))
        let reservation = try limiter.admit(.chat(output: nil), of: key, at: .at())
        let terms = reservation.terms
        #expect(terms == ReservationTerms(outputTokens: 0, writtenBound: nil, isOpen: false))
        _ = limiter.settle(reservation, .nothing, at: .at())
    }

    @Test func anOpenStreamExtendsItsReservationAsFarAsThereIsRoom() throws {
        let limiter = Limiter(
            .of(
                .limited {
                    $0[.outputTokensPerHour] = 1000
                    $0.outputReservation = 300
                    $0.overrun = .stop
                }))
        var reservation = try limiter.admit(.chat(output: nil), of: key, at: .at())
        let terms = reservation.terms
        let overrun = reservation.overrun
        #expect(terms == ReservationTerms(outputTokens: 300, writtenBound: nil, isOpen: true))
        #expect(overrun == .stop)
        let isExtended = limiter.extend(&reservation, by: 700, at: .at())
        let isExtendedTooFar = limiter.extend(&reservation, by: 1, at: .at())
        let extended = reservation.outputTokens
        #expect(isExtended)
        #expect(!isExtendedTooFar)
        #expect(extended == 1000)
        // The next hour's allowance is not touched by what began in this one.
        let isExtendedLater = limiter.extend(&reservation, by: 100, at: .at(hour))
        #expect(isExtendedLater)
        #expect(limiter.refusal(.chat(output: 1000), of: key, at: .at(hour)) == nil)
        _ = limiter.settle(reservation, .used(.init(tokens: 1100, outputTokens: 1100)), at: .at(hour))
        #expect(limiter.refusal(.chat(output: 1000), of: key, at: .at(hour)) == nil)
    }

    @Test func aSessionExtendsItsReservationInEveryWindowThatItReaches() throws {
        let limiter = Limiter(
            .of(
                .limited { $0[.budgetPerDay] = 3_000_000 }, .limited("team") { $0[.budgetPerMonth] = 7_000_000 },
                teams: ["red": "team"]))
        let key = KeyRecord.of("key", team: "red")
        var reservation = try limiter.admit(.chat(0, output: 0), of: key, at: .at())
        let minute = NanoEuros(1_000_000)
        func used(_ kind: LimitKind, at now: LimitTime) -> Int64? {
            limiter.states(of: key, at: now).first { $0.kind == kind }.map { $0.used + $0.reserved }
        }
        for expected in [true, true, true, false] {
            let isExtended = limiter.extend(&reservation, by: minute, of: key, at: .at())
            #expect(isExtended == expected)
        }
        // The next day has its own budget, the month goes on.
        let tomorrow = LimitTime.at(24 * hour)
        for expected in [true, true, true, false] {
            let isExtended = limiter.extend(&reservation, by: minute, of: key, at: tomorrow)
            #expect(isExtended == expected)
        }
        #expect(used(.budgetPerDay, at: tomorrow) == 3_000_000)
        #expect(used(.budgetPerMonth, at: tomorrow) == 6_000_000)
        let dayAfter = LimitTime.at(48 * hour)
        for expected in [true, false] {
            let isExtended = limiter.extend(&reservation, by: minute, of: key, at: dayAfter)
            #expect(isExtended == expected, "the team's month has room for one more")
        }
        _ = limiter.settle(reservation, .used(.init(cost: 7_000_000)), at: dayAfter)
        #expect(used(.budgetPerDay, at: dayAfter) == 1_000_000)
        #expect(used(.budgetPerMonth, at: dayAfter) == 7_000_000)
    }

    @Test func aSessionHasTheLimitsOfTheTierThatItsKeyMovedTo() throws {
        let limiter = Limiter(.of(.limited { _ in }, .limited("poor") { $0[.budgetPerDay] = 1 }))
        var reservation = try limiter.admit(.chat(0, output: 0), of: .of("key"), at: .at())
        let moved = KeyRecord.of("key", tier: "poor")
        let before = limiter.extend(&reservation, by: NanoEuros(1000), of: .of("key"), at: .at())
        let after = limiter.extend(&reservation, by: NanoEuros(1000), of: moved, at: .at())
        #expect(before)
        #expect(!after)
        _ = limiter.settle(reservation, .nothing, at: .at())
    }

    @Test func aReservationIsNeverLargerThanTheWholeLimit() throws {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerHour] = 1000 }))
        let reservation = try limiter.admit(.chat(output: nil), of: key, at: .at())
        let reserved = reservation.outputTokens
        #expect(reserved == 1000)
        _ = limiter.settle(reservation, .nothing, at: .at())
    }

    @Test func moneyIsReservedAtTheDearestPrice() throws {
        var tier = Tier(name: "limited")
        tier[.budgetPerDay] = 1_000_000
        var prices = ModelPrices.vendor
        prices.reasoning = 20_000
        let policies = Policies(
            tiers: TierTable(overriding: [tier]), prices: PriceList(models: ["gpt-oss:120b": PriceHistory(prices)]))
        let limiter = Limiter(LimitRules(policies, accountTier: nil, zone: .utc))
        // 10 · 1800 + 49 · 20,000 = 998,000
        let reservation = try limiter.admit(.chat(10, output: 49), of: key, at: .at())
        #expect(limiter.states(of: key, at: .at())[0].reserved == 998_000)
        _ = limiter.settle(reservation, .nothing, at: .at())
        #expect(limiter.refusal(.chat(10, output: 50), of: key, at: .at())?.remedy == .askForLess)
    }

    // MARK: Changes

    @Test func otherLimitsHoldAtOnceAndKeepWhatIsUsed() {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerDay] = 1000 }))
        #expect(limiter.tries(.chat(output: 600), of: key, at: .at(), used: .init(tokens: 600, outputTokens: 600)))
        limiter.replace(.of(.limited { $0[.outputTokensPerDay] = 700 }), at: .at())
        #expect(limiter.refusal(.chat(output: 101), of: key, at: .at()) != nil)
        #expect(limiter.refusal(.chat(output: 100), of: key, at: .at()) == nil)
    }

    @Test func aKeyThatMovesKeepsItsHistory() {
        let limiter = Limiter(.of(.limited { _ in }, .limited("small") { $0[.outputTokensPerDay] = 700 }))
        #expect(limiter.tries(.chat(output: 600), of: key, at: .at(), used: .init(tokens: 600, outputTokens: 600)))
        let moved = KeyRecord.of("key", tier: "small")
        #expect(limiter.refusal(.chat(output: 101), of: moved, at: .at()) != nil)
        #expect(limiter.refusal(.chat(output: 100), of: moved, at: .at()) == nil)
    }

    @Test func anotherTimeZoneKeepsWhatIsUsed() {
        let tier = Tier.limited { $0[.outputTokensPerDay] = 1000 }
        let limiter = Limiter(.of(tier))
        #expect(limiter.tries(.chat(output: 900), of: key, at: .at(), used: .init(tokens: 900, outputTokens: 900)))
        let east = ZoneOffsets(periods: [.init(start: 0, offset: 5 * 3600)])
        limiter.replace(.of(tier, zone: east), at: .at())
        #expect(limiter.refusal(.chat(output: 101), of: key, at: .at()) != nil)
        // At 19:00 UTC a day ends there.
        #expect(limiter.refusal(.chat(output: 1000), of: key, at: .at(9 * hour)) == nil)
    }

    @Test func aClockThatIsSetCountsFromItsAdoptionOn() {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerHour] = 100 }))
        #expect(limiter.tries(.chat(output: 100), of: key, at: .at(hour), used: .init(tokens: 100, outputTokens: 100)))
        let back = LimitTime(wall: LimitTime.at(hour - 5).wall, monotonic: hour + 1)
        #expect(limiter.refusal(.chat(output: 1), of: key, at: back) != nil)
        #expect(limiter.refusal(.chat(output: 1), of: key, at: .at(2 * hour)) == nil)
    }

    @Test func everyThresholdIsToldOnceAWindow() throws {
        let limiter = Limiter(
            .of(
                .limited { $0[.outputTokensPerHour] = 1000 }, .limited("account") { $0[.outputTokensPerDay] = 1500 },
                account: "account"))
        func use(_ tokens: Int64, at now: LimitTime) throws -> [LimitAlert] {
            limiter.settle(
                try limiter.admit(.chat(output: tokens), of: key, at: now),
                .used(.init(tokens: tokens, outputTokens: tokens)), at: now)
        }
        #expect(try use(799, at: .at()) == [])
        let first = try use(1, at: .at())
        #expect(first.map(\.percent) == [80])
        #expect(first[0].subject == "key")
        #expect(first[0].used == 800)
        #expect(try use(100, at: .at()) == [])
        #expect(try use(100, at: .at()).map(\.percent) == [100])
        let ofAccount = try use(200, at: .at(hour))
        #expect(ofAccount.map(\.subject) == ["account"])
        #expect(try use(300, at: .at(hour)).map(\.percent) == [100])
    }

    @Test func aRestartKnowsWhatWasUsed() throws {
        let rules = LimitRules.of(
            .limited {
                $0[.outputTokensPerHour] = 1000
                $0[.requestsPerMinute] = 4
                $0[.tokensPerMinute] = 6000
            })
        let limiter = Limiter(rules)
        let now = LimitTime.at(30_000_000)
        let span = limiter.historySpan(at: now)
        #expect(span.windows[.hour]?.lowerBound == LimitTime.at().wall)
        let use = LimitHistory.Use(UsageOwner(keyID: "key", team: nil), amounts: .init(outputTokens: 900, cost: 5))
        let recent = (0..<4).map {
            LimitHistory.Requests(
                startedAt: Timestamp(microseconds: LimitTime.at(Int64($0) * 5_000_000).wall.microseconds),
                UsageOwner(keyID: "key", team: nil),
                amounts: .init(requests: 1, tokens: 1000))
        }
        limiter.restore(
            LimitHistory(uses: [.hour: [use], .day: [use], .month: [use]], recent: recent), keys: KeySnapshot([key]),
            at: now)
        let states = limiter.states(of: key, at: now)
        // Four requests within 15 s, and 15 s of one every 15 s.
        #expect(states[0].used == 2)
        // 4000 tokens, of which 30 s of 100 each second have gone.
        #expect(states[1].used == 1000)
        #expect(states[2].used == 900)
        #expect(limiter.refusal(.chat(output: 101), of: key, at: now)?.kind == .outputTokensPerHour)
    }
}
