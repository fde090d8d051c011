import Clocks
import Testing

@testable import Policy

/// A wall clock that is set neither locks a key out nor forgets or doubles what it used.
@Suite struct LimiterClockTests {
    private static let day: Int64 = 86_400_000_000
    /// The limits of windows that end: those of all time feel no step, see `allTimeFeelsNoStep`.
    private static let windowKinds = LimitKind.windowKinds.indices.map { LimitKind.windowKinds[$0] }
        .filter(\.window.ends).map(\.kind)
    private let key = KeyRecord.of("key")
    private let used = LimitAmounts(tokens: 60, outputTokens: 60, cost: 60 * 8000)

    /// `elapsed` microseconds later, with a wall clock that is `ahead`.
    private func moment(_ elapsed: Int64, ahead: Int64) -> LimitTime {
        LimitTime(wall: LimitTime.at(elapsed + ahead).wall, monotonic: elapsed)
    }

    /// Room for one request of 60 tokens, and not for two.
    private func limiter(_ kind: LimitKind) -> Limiter {
        Limiter(.of(.limited { $0[kind] = kind.unit == .requests ? 1 : kind.isMoney ? 100 * 8000 : 100 }))
    }

    private func row(_ now: LimitTime) -> LimitHistory.Requests {
        var amounts = used
        amounts.requests = 1
        return LimitHistory.Requests(startedAt: now.wall, UsageOwner(keyID: key.id, team: nil), amounts: amounts)
    }

    private func step(_ limiter: Limiter, to now: LimitTime, rows: [LimitHistory.Requests]) {
        limiter.step(
            to: now, LimitHistory(of: rows, in: limiter.historySpan(at: now)), keys: KeySnapshot([key]))
    }

    private func tries(_ limiter: Limiter, at now: LimitTime) -> Bool {
        limiter.tries(.chat(0, output: 60), of: key, at: now, used: used)
    }

    /// The example of the issue: one request while the clock is far ahead, and the clock is right again.
    @Test(arguments: windowKinds, [40, 400, -40, -400] as [Int64])
    func oneRequestAtAWrongTimeLocksNobodyOut(kind: LimitKind, days: Int64) {
        let limiter = limiter(kind)
        let ahead = days * Self.day
        var rows: [LimitHistory.Requests] = []
        step(limiter, to: moment(0, ahead: ahead), rows: rows)
        #expect(tries(limiter, at: moment(1, ahead: ahead)))
        rows.append(row(moment(1, ahead: ahead)))
        #expect(!tries(limiter, at: moment(2, ahead: ahead)))
        step(limiter, to: moment(3, ahead: 0), rows: rows)
        #expect(tries(limiter, at: moment(4, ahead: 0)))
        rows.append(row(moment(4, ahead: 0)))
        #expect(!tries(limiter, at: moment(5, ahead: 0)))
        // And at the wrong time again, what was used then is known.
        step(limiter, to: moment(6, ahead: ahead), rows: rows)
        #expect(!tries(limiter, at: moment(7, ahead: ahead)))
    }

    /// Nothing depends on a wall clock that nobody has adopted.
    @Test(arguments: windowKinds, [40, 400, -40, -400] as [Int64])
    func momentsFromBeforeOrAfterAStepChangeNothing(kind: LimitKind, days: Int64) {
        let limiter = limiter(kind)
        #expect(tries(limiter, at: .at()))
        #expect(!tries(limiter, at: moment(1, ahead: days * Self.day)))
        #expect(!tries(limiter, at: moment(2, ahead: 0)))
    }

    @Test(arguments: windowKinds)
    func usageOfTheFutureCountsWhenItsTimeComes(kind: LimitKind) {
        let limiter = limiter(kind)
        let rows = [row(moment(0, ahead: 40 * Self.day))]
        let history = LimitHistory(of: rows, in: limiter.historySpan(at: .at()))
        limiter.restore(history, keys: KeySnapshot([key]), at: .at())
        #expect(tries(limiter, at: .at()))
        #expect(!tries(limiter, at: .at(40 * Self.day + 1)))
        #expect(tries(limiter, at: .at(100 * Self.day)))
    }

    @Test(arguments: windowKinds)
    func aRequestInFlightHoldsWhatItTookWhereverTheClockGoes(kind: LimitKind) throws {
        let limiter = limiter(kind)
        let reservation = try limiter.admit(.chat(0, output: 60), of: key, at: .at())
        step(limiter, to: moment(1, ahead: 40 * Self.day), rows: [])
        #expect(tries(limiter, at: moment(2, ahead: 40 * Self.day)))
        step(limiter, to: moment(3, ahead: 0), rows: [row(moment(2, ahead: 40 * Self.day))])
        #expect(!tries(limiter, at: moment(4, ahead: 0)))
        _ = limiter.settle(reservation, .nothing, at: moment(5, ahead: 0))
        #expect(tries(limiter, at: moment(6, ahead: 0)))
    }

    /// It began at a wrong time, and ends at the right one: its usage is that of the wrong time.
    @Test(arguments: windowKinds)
    func aRequestOfTheFutureCountsWhenItsTimeComes(kind: LimitKind) throws {
        let limiter = limiter(kind)
        step(limiter, to: moment(0, ahead: 40 * Self.day), rows: [])
        let reservation = try limiter.admit(.chat(0, output: 60), of: key, at: moment(0, ahead: 40 * Self.day))
        step(limiter, to: moment(1, ahead: 0), rows: [])
        _ = limiter.settle(reservation, .used(used), at: moment(2, ahead: 0))
        #expect(tries(limiter, at: moment(3, ahead: 0)))
        #expect(!tries(limiter, at: .at(40 * Self.day + 4)))
    }

    /// Usage of a wrong time is usage of all time, and counts once.
    @Test func allTimeFeelsNoStep() throws {
        let limiter = limiter(.budgetInTotal)
        let reservation = try limiter.admit(.chat(0, output: 60), of: key, at: .at())
        var now = moment(1, ahead: 40 * Self.day)
        step(limiter, to: now, rows: [])
        #expect(!tries(limiter, at: now))
        _ = limiter.settle(reservation, .used(used), at: now)
        for ahead in [400 * Self.day, -400 * Self.day, 0] {
            now = moment(2, ahead: ahead)
            step(limiter, to: now, rows: [row(.at())])
            #expect(!tries(limiter, at: now))
            #expect(limiter.states(of: key, at: now).map(\.used) == [used.cost])
        }
    }

    @Test func limitsPerMinuteDoNotFeelAStep() {
        let limiter = Limiter(.of(.limited { $0[.requestsPerMinute] = 1 }))
        #expect(tries(limiter, at: .at()))
        step(limiter, to: moment(1, ahead: 40 * Self.day), rows: [])
        #expect(!tries(limiter, at: moment(59_000_000, ahead: 40 * Self.day)))
        #expect(tries(limiter, at: moment(60_000_000, ahead: 40 * Self.day)))
    }

    @Test func alertsAreNotRepeatedAfterAStepThere() throws {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerDay] = 60 }))
        let rows = [row(moment(0, ahead: 0))]
        step(limiter, to: moment(1, ahead: 0), rows: rows)
        step(limiter, to: moment(2, ahead: Self.day), rows: rows)
        step(limiter, to: moment(3, ahead: 0), rows: rows)
        let reservation = try limiter.admit(.chat(0, output: 0), of: key, at: moment(4, ahead: 0))
        let alerts = limiter.settle(
            reservation, .used(LimitAmounts(tokens: 1, outputTokens: 1)), at: moment(4, ahead: 0))
        #expect(alerts.isEmpty)
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func wildStepsDoNotTrap(microseconds: Int64) throws {
        let limiter = limiter(.budgetPerMonth)
        let reservation = try limiter.admit(.chat(0, output: 60), of: key, at: .at())
        let wild = LimitTime(wall: Timestamp(microseconds: microseconds), monotonic: 5)
        step(limiter, to: wild, rows: [row(.at()), row(wild)])
        _ = tries(limiter, at: LimitTime(wall: wild.wall, monotonic: .max))
        _ = limiter.settle(reservation, .used(used), at: wild)
        step(limiter, to: .at(7), rows: [row(wild)])
        #expect(tries(limiter, at: .at(8)))
    }
}
