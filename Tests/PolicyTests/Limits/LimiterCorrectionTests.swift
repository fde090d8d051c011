import Clocks
import SeededRandom
import Testing

@testable import Policy

/// Credits and other prices of past requests, in the limits of a running gateway and after a restart.
@Suite struct LimiterCorrectionTests {
    private static let moneyKinds = LimitKind.windowKinds.indices.map { LimitKind.windowKinds[$0].kind }
        .filter { $0.unit == .money }
    private let key = KeyRecord.of("key", team: "red")
    private var keys: KeySnapshot { KeySnapshot([key]) }

    private func limiter(_ kind: LimitKind) -> Limiter {
        Limiter(
            .of(
                .limited { $0[kind] = 10_000 }, .limited("team") { $0[kind] = 10_000 },
                .limited("account") { $0[kind] = 10_000 }, teams: ["red": "team"], account: "account"))
    }

    private func correction(
        _ number: Int64, _ change: Int64, at moment: Timestamp = LimitTime.at().wall, isCredit: Bool = true
    ) -> CostCorrection {
        CostCorrection(
            number: number, at: moment, UsageOwner(keyID: key.id, team: key.team), change: change,
            concernsAccount: !isCredit)
    }

    /// The used amounts of the key, the team and the account.
    private func used(_ limiter: Limiter, at now: LimitTime = .at()) -> [Int64] {
        limiter.states(of: key, at: now).map(\.used)
    }

    @Test(arguments: moneyKinds) func aCreditRaisesWhatIsLeftOfKeyAndTeamAlone(kind: LimitKind) {
        let limiter = limiter(kind)
        _ = limiter.charge(LimitAmounts(cost: 9000), to: key, at: .at())
        #expect(limiter.correct([correction(1, -4000)], keys: keys, at: .at()) == 1)
        #expect(used(limiter) == [5000, 5000, 9000])
        #expect(limiter.states(of: key, at: .at()).map(\.left) == [5000, 5000, 1000])
    }

    /// A credit above the use is not lost: it counts against what is used later.
    @Test(arguments: moneyKinds) func aCreditMayExceedTheUse(kind: LimitKind) {
        let limiter = limiter(kind)
        limiter.correct([correction(1, -4000)], keys: keys, at: .at())
        #expect(used(limiter) == [-4000, -4000, 0])
        #expect(limiter.states(of: key, at: .at()).map(\.left) == [14_000, 14_000, 10_000])
    }

    @Test(arguments: moneyKinds) func anotherPriceCountsForTheAccountToo(kind: LimitKind) {
        let limiter = limiter(kind)
        _ = limiter.charge(LimitAmounts(cost: 5000), to: key, at: .at())
        limiter.correct([correction(1, 700, isCredit: false)], keys: keys, at: .at())
        #expect(used(limiter) == [5700, 5700, 5700])
    }

    @Test func aRefusedRequestFitsAfterACredit() {
        let limiter = limiter(.budgetPerDay)
        _ = limiter.charge(LimitAmounts(cost: 10_000), to: key, at: .at())
        var units = BillableUnits()
        units.inputTokens = 1
        let request = LimitedRequest(kind: .tokens, model: nil, units: units, output: .none)
        #expect(!limiter.tries(request, of: key, at: .at()))
        limiter.correct([correction(1, -1800), correction(2, -1, isCredit: false)], keys: keys, at: .at())
        // The account has no room: a credit is between the gateway and its keys.
        #expect(!limiter.tries(request, of: key, at: .at()))
        limiter.correct([correction(3, -1799, isCredit: false)], keys: keys, at: .at())
        #expect(limiter.tries(request, of: key, at: .at()))
    }

    @Test func eachCorrectionCountsOnce() {
        let limiter = limiter(.budgetPerMonth)
        let corrections = (1...5).map { correction($0, -100) }
        #expect(limiter.correct(Array(corrections[..<3]), keys: keys, at: .at()) == 3)
        #expect(limiter.lastCorrection == 3)
        #expect(limiter.correct(corrections, keys: keys, at: .at()) == 2)
        #expect(limiter.correct(corrections, keys: keys, at: .at()) == 0)
        #expect(used(limiter) == [-500, -500, 0])
    }

    @Test(arguments: moneyKinds) func aCorrectionOfAnotherTimeDoesNotCount(kind: LimitKind) {
        guard case .window(let window) = kind.form else { return }
        let limiter = limiter(kind)
        let span = limiter.historySpan(at: .at()).windows[window]
        for moment in [span?.lowerBound, span?.upperBound].compactMap(\.self) {
            let isWithin = !window.ends || moment == span?.lowerBound
            let before = used(limiter)
            limiter.correct(
                [correction(limiter.lastCorrection + 1, -100, at: moment)], keys: keys, at: .at())
            #expect(used(limiter) == (isWithin ? [before[0] - 100, before[1] - 100, before[2]] : before))
        }
    }

    @Test(arguments: moneyKinds) func aRestartCountsCreditsAndNoneTwice(kind: LimitKind) {
        guard case .window(let window) = kind.form else { return }
        let limiter = limiter(kind)
        var history = LimitHistory(uses: [
            window: [LimitHistory.Use(UsageOwner(keyID: "key", team: "red"), amounts: LimitAmounts(cost: 6000))]
        ])
        history.credits = [correction(2, -1000)]
        history.lastCorrection = 7
        limiter.restore(history, keys: keys, at: .at())
        #expect(used(limiter) == [5000, 5000, 6000])
        #expect(limiter.correct([correction(2, -1000), correction(7, 5)], keys: keys, at: .at()) == 0)
        #expect(limiter.correct([correction(8, -1)], keys: keys, at: .at()) == 1)
        #expect(used(limiter) == [4999, 4999, 6000])
    }

    /// A step of the clock reads some windows again, which have all corrections, and leaves others, which may lack the last.
    @Test func aStepOfTheClockCountsEachCorrectionOnceInEveryWindow() {
        let limiter = Limiter(
            .of(
                .limited {
                    $0[.budgetPerDay] = 10_000
                    $0[.budgetPerMonth] = 20_000
                }))
        limiter.restore(LimitHistory(), keys: keys, at: .at())
        _ = limiter.charge(LimitAmounts(cost: 1000), to: key, at: .at())
        let yesterday = LimitTime(wall: LimitTime.at().wall + .seconds(-86_400), monotonic: 0)
        let span = limiter.historySpan(at: yesterday)
        #expect(span.lastCorrection == 0)
        // The ledger has a credit of today and one of yesterday, which the limiter has not seen.
        let credits = [correction(1, -300), correction(2, -50, at: yesterday.wall)]
        var history = LimitHistory(uses: [.day: [], .month: []])
        history.credits = credits
        history.corrections = credits
        history.lastCorrection = 2
        limiter.step(to: yesterday, history, keys: keys)
        #expect(limiter.states(of: key, at: yesterday).map(\.used) == [-50, 650])
        #expect(limiter.correct(credits, keys: keys, at: yesterday) == 0)
    }

    /// A clock that was ahead may leave corrections of days to come: they count when these begin, in the same limits.
    @Test(arguments: [true, false]) func aCorrectionOfADayToComeWaitsForIt(isCredit: Bool) {
        let limiter = limiter(.budgetPerDay)
        let tomorrow = LimitTime.at(86_400_000_000)
        limiter.correct([correction(1, -700, at: tomorrow.wall, isCredit: isCredit)], keys: keys, at: .at())
        #expect(used(limiter) == [0, 0, 0])
        #expect(used(limiter, at: tomorrow) == [-700, -700, isCredit ? 0 : -700])
    }

    @Test func alertsAreDueAgainAfterACredit() {
        let limiter = Limiter(
            .of(
                .limited {
                    $0[.budgetPerDay] = 1000
                    $0.alertAt = [80]
                }))
        #expect(limiter.charge(LimitAmounts(cost: 900), to: key, at: .at()).map(\.percent) == [80])
        limiter.correct([correction(1, -500)], keys: keys, at: .at())
        #expect(limiter.charge(LimitAmounts(cost: 300), to: key, at: .at()).isEmpty)
        #expect(limiter.charge(LimitAmounts(cost: 100), to: key, at: .at()).map(\.percent) == [80])
        limiter.correct([correction(2, -1)], keys: keys, at: .at())
        #expect(limiter.charge(LimitAmounts(cost: 1), to: key, at: .at()).map(\.percent) == [80])
    }

    @Test func wildChangesSaturate() {
        for change in [Int64.min, .max] {
            let limiter = limiter(.budgetPerDay)
            for number in 1...3 as ClosedRange<Int64> {
                limiter.correct([correction(number, change)], keys: keys, at: .at())
            }
            #expect(used(limiter) == [change, change, 0])
            _ = limiter.states(of: key, at: .at()).map(\.left)
        }
    }
}
