import Clocks
import Testing

@testable import Policy

/// The one rule that says what is given back, and what a restart counts.
@Suite struct LimitOutcomeTests {
    struct Case: Sendable {
        var status: Int
        var wasSent = true
        var tokens: Int64 = 0
        var cost: Int64 = 0
    }

    static let cases = [
        Case(status: 200), Case(status: 200, tokens: 5), Case(status: 101), Case(status: 0), Case(status: 404),
        Case(status: 429), Case(status: 500), Case(status: 499, tokens: 1), Case(status: 502, cost: 1),
        Case(status: 504, tokens: 9, cost: 9), Case(status: -1), Case(status: 502, wasSent: false),
        Case(status: 499, wasSent: false), Case(status: 200, wasSent: false),
    ]

    private func record(_ row: Case) -> UsageRecord {
        var record = UsageRecord(
            id: RequestID(high: 1, low: 2), keyID: "key", team: nil, endpoint: "chat/completions",
            startedAt: Timestamp(seconds: 1))
        record.status = row.status
        record.units.inputTokens = row.tokens
        record.cost = NanoEuros(row.cost)
        record.countsAsRequest = row.wasSent
        return record
    }

    @Test(arguments: cases)
    func whatWasSentCountsWhateverTheUpstreamSaid(row: Case) {
        #expect((LimitOutcome(record(row)) == .nothing) == !row.wasSent)
    }

    @Test func usageCountsAsHeld() {
        let held = LimitAmounts(requests: 1, tokens: 100, outputTokens: 50, cost: 10)
        #expect(LimitOutcome.used(.init(tokens: 7)).usage(of: held) == LimitAmounts(requests: 1, tokens: 7))
        #expect(LimitOutcome.used(.init(requests: 9, tokens: 7)).usage(of: held).requests == 1)
        #expect(LimitOutcome.nothing.usage(of: held) == LimitAmounts())
    }

    /// Settlement and a restart from the row count the same.
    @Test(arguments: cases)
    func restartCountsWhatSettlementCounted(row: Case) throws {
        let rules = LimitRules.of(
            .limited { tier in for kind in LimitKind.allCases where kind.form != .perRequest { tier[kind] = 1_000_000 }
            })
        let key = KeyRecord.of("key")
        let limiter = Limiter(rules)
        var record = record(row)
        record.startedAt = LimitTime.at().wall
        _ = limiter.settle(
            try limiter.admit(.chat(1, output: 1), of: key, at: .at()), LimitOutcome(record), at: .at())
        let restarted = Limiter(rules)
        let use = LimitHistory.Use(UsageOwner(keyID: "key", team: nil), amounts: LimitAmounts(record))
        let recent = LimitHistory.Requests(
            startedAt: record.startedAt, UsageOwner(keyID: "key", team: nil), amounts: LimitAmounts(record))
        let uses = Dictionary(uniqueKeysWithValues: LimitWindow.allCases.map { ($0, [use]) })
        restarted.restore(LimitHistory(uses: uses, recent: [recent]), keys: KeySnapshot([key]), at: .at())
        #expect(restarted.states(of: key, at: .at()) == limiter.states(of: key, at: .at()))
    }
}
