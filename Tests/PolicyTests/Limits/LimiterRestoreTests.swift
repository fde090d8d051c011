import Clocks
import SeededRandom
import Testing

@testable import Policy

/// A restart restores every limit of the table from the rows.
@Suite struct LimiterRestoreTests {
    private static let windowKinds = LimitKind.windowKinds.indices.map { LimitKind.windowKinds[$0].kind }
    private static let rateKinds = LimitKind.rateKinds.indices.map { LimitKind.rateKinds[$0].kind }
    private let amounts = LimitAmounts(requests: 3, tokens: 50, outputTokens: 20, cost: 700)

    private func window(_ kind: LimitKind) -> LimitWindow {
        guard case .window(let window) = kind.form else { fatalError("\(kind) has no window") }
        return window
    }

    private func use(_ key: String = "key", team: String? = nil) -> LimitHistory.Use {
        LimitHistory.Use(UsageOwner(keyID: key, team: team), amounts: amounts)
    }

    private func states(
        _ limiter: Limiter, _ key: KeyRecord, _ now: LimitTime = .at()
    ) -> [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: limiter.states(of: key, at: now).map { ("\($0.scope.name) \($0.kind)", $0.used) })
    }

    @Test(arguments: windowKinds)
    func aWindowGetsTheUsageOfItsUnit(kind: LimitKind) {
        let limiter = Limiter(.of(.limited { $0[kind] = 10_000 }))
        let key = KeyRecord.of("key")
        let history = LimitHistory(uses: [window(kind): [use(), use("other")]])
        limiter.restore(history, keys: KeySnapshot([key]), at: .at())
        #expect(states(limiter, key) == ["key \(kind)": amounts[kind.unit]])
    }

    @Test(arguments: windowKinds)
    func usageOfOtherWindowsDoesNotCount(kind: LimitKind) {
        let limiter = Limiter(.of(.limited { $0[kind] = 10_000 }))
        let key = KeyRecord.of("key")
        let others = LimitWindow.allCases.filter { $0 != window(kind) }
        let history = LimitHistory(uses: Dictionary(uniqueKeysWithValues: others.map { ($0, [use()]) }))
        limiter.restore(history, keys: KeySnapshot([key]), at: .at())
        #expect(states(limiter, key) == ["key \(kind)": 0])
    }

    @Test(arguments: windowKinds)
    func teamsAndTheAccountGetTheSums(kind: LimitKind) {
        let limiter = Limiter(
            .of(
                .limited { _ in }, .limited("team") { $0[kind] = 10_000 }, .limited("account") { $0[kind] = 10_000 },
                teams: ["red": "team"], account: "account"))
        let key = KeyRecord.of("key", team: "red")
        let uses = [use(team: "red"), use("other", team: "red"), use("third", team: "blue"), use("fourth")]
        limiter.restore(LimitHistory(uses: [window(kind): uses]), keys: KeySnapshot([key]), at: .at())
        let amount = amounts[kind.unit]
        #expect(states(limiter, key) == ["team \(kind)": 2 * amount, "account \(kind)": 4 * amount])
    }

    @Test(arguments: rateKinds)
    func aBucketDrainsSinceTheRequests(kind: LimitKind) {
        let limiter = Limiter(.of(.limited { $0[kind] = 60 }))
        let key = KeyRecord.of("key")
        let amounts = LimitAmounts(requests: 40, tokens: 40, outputTokens: 40)
        let requests = LimitHistory.Requests(
            startedAt: LimitTime.at().wall, UsageOwner(keyID: "key", team: nil), amounts: amounts)
        let now = LimitTime.at(30_000_000)
        limiter.restore(LimitHistory(recent: [requests]), keys: KeySnapshot([key]), at: now)
        #expect(states(limiter, key, now) == ["key \(kind)": 10])
    }

    @Test(arguments: rateKinds)
    func requestsOfTheFutureDoNotCountInThisMinute(kind: LimitKind) {
        let limiter = Limiter(.of(.limited { $0[kind] = 60 }))
        let key = KeyRecord.of("key")
        let all = [Int64(0), 5_000_000].map {
            LimitHistory.Requests(
                startedAt: LimitTime.at($0).wall, UsageOwner(keyID: "key", team: nil),
                amounts: LimitAmounts(requests: 20, tokens: 20, outputTokens: 20))
        }
        let history = LimitHistory(of: all, in: limiter.historySpan(at: .at()))
        limiter.restore(history, keys: KeySnapshot([key]), at: .at())
        #expect(states(limiter, key) == ["key \(kind)": 20])
    }

    @Test func aKeyThatIsGoneCountsForItsTeam() {
        let limiter = Limiter(
            .of(.limited { _ in }, .limited("team") { $0[.outputTokensPerDay] = 1000 }, teams: ["red": "team"]))
        let key = KeyRecord.of("key", team: "red")
        limiter.restore(
            LimitHistory(uses: [.day: [use("gone", team: "red")]]), keys: KeySnapshot([key]), at: .at())
        #expect(states(limiter, key) == ["team outputTokensPerDay": 20])
    }

    @Test func alertsAreNotRepeated() throws {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerDay] = 100 }))
        let key = KeyRecord.of("key")
        var use = use()
        use.amounts.outputTokens = 85
        limiter.restore(LimitHistory(uses: [.day: [use]]), keys: KeySnapshot([key]), at: .at())
        let alerts = limiter.settle(
            try limiter.admit(.chat(output: 5), of: key, at: .at()), .used(.init(tokens: 5, outputTokens: 5)), at: .at()
        )
        #expect(alerts.isEmpty)
        let last = limiter.settle(
            try limiter.admit(.chat(output: 10), of: key, at: .at()), .used(.init(tokens: 10, outputTokens: 10)),
            at: .at())
        #expect(last.map(\.percent) == [100])
    }

    @Test func sumsBeyondOneRequestAreKept() {
        let limiter = Limiter(.of(.limited { $0[.outputTokensPerDay] = .max }))
        let key = KeyRecord.of("key")
        var use = use()
        use.amounts = .sum(requests: 1, tokens: 3 * LimitAmounts.most, outputTokens: 3 * LimitAmounts.most, cost: 0)
        limiter.restore(LimitHistory(uses: [.day: [use]]), keys: KeySnapshot([key]), at: .at())
        #expect(states(limiter, key) == ["key outputTokensPerDay": 3 * LimitAmounts.most])
    }

    @Test func wildHistoriesDoNotTrap() {
        let limiter = Limiter(
            .of(.limited { tier in for kind in LimitKind.allCases { tier[kind] = .max } }, account: "limited"))
        let key = KeyRecord.of("key")
        var use = use()
        use.amounts = .sum(requests: .max, tokens: .max, outputTokens: .max, cost: .max)
        let times = [Timestamp(microseconds: .min), Timestamp(microseconds: .max), LimitTime.at().wall]
        let recent = times.map {
            LimitHistory.Requests(startedAt: $0, UsageOwner(keyID: "key", team: "red"), amounts: use.amounts)
        }
        let uses = Dictionary(uniqueKeysWithValues: LimitWindow.allCases.map { ($0, [use, use]) })
        limiter.restore(LimitHistory(uses: uses, recent: recent), keys: KeySnapshot([key]), at: .at())
        for state in limiter.states(of: key, at: .at()) where state.kind != .concurrentRequests {
            #expect(state.used > 0, "\(state.kind)")
            #expect(state.left >= 0)
        }
    }

    @Test func theSpanHasTheWindows() {
        let limiter = Limiter(.of(.limited { _ in }))
        let span = limiter.historySpan(at: .at(90_000_000))
        let hour = LimitTime.at().wall
        let day = Timestamp(seconds: hour.seconds - 36_000)
        let month = Timestamp(seconds: day.seconds - 22 * 86_400)
        #expect(span.windows[.hour] == hour..<Timestamp(seconds: hour.seconds + 3600))
        #expect(span.windows[.day] == day..<Timestamp(seconds: day.seconds + 86_400))
        #expect(span.windows[.month] == month..<Timestamp(seconds: month.seconds + 30 * 86_400))
        #expect(span.windows[.week] == day..<Timestamp(seconds: day.seconds + 7 * 86_400))
        #expect(span.windows[.total] == Timestamp(microseconds: .min)..<Timestamp(microseconds: .max))
        #expect(span.future == span.windows[.hour]?.upperBound)
        #expect(span.recent == nil)
    }

    @Test(arguments: rateKinds)
    func theSpanHasTheLastMinutesWhereALimitIsPerMinute(kind: LimitKind) {
        let limiter = Limiter(.of(.limited { $0[kind] = 5 }))
        let now = LimitTime.at().wall
        #expect(limiter.historySpan(at: .at()).recent == Timestamp(seconds: now.seconds - 180)...now)
    }

    /// Two processes with the rows of one history count the same as one process.
    @Test(arguments: 0..<20)
    func aRestartCountsTheSameAsOneProcess(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let rules = LimitRules.of(.limited { tier in for kind in Self.windowKinds { tier[kind] = 1 << 40 } })
        let keys = ["a", "bb"].map { KeyRecord.of($0) }
        let limiter = Limiter(rules)
        var uses: [LimitHistory.Use] = []
        for _ in 0..<30 {
            let key = keys.randomElement(using: &generator)!
            let output = Int64.random(in: 0...100, using: &generator)
            let outcome: LimitOutcome =
                Bool.random(using: &generator)
                ? .used(LimitAmounts(tokens: output + 5, outputTokens: output, cost: output * 9)) : .nothing
            _ = limiter.settle(try limiter.admit(.chat(5, output: 100), of: key, at: .at()), outcome, at: .at())
            uses.append(
                LimitHistory.Use(
                    UsageOwner(keyID: key.id, team: nil),
                    amounts: outcome.usage(of: LimitAmounts(requests: 1, tokens: 105))))
        }
        let restarted = Limiter(rules)
        let history = Dictionary(uniqueKeysWithValues: LimitWindow.allCases.map { ($0, uses) })
        restarted.restore(LimitHistory(uses: history), keys: KeySnapshot(keys), at: .at())
        for key in keys { #expect(states(restarted, key) == states(limiter, key)) }
    }
}
