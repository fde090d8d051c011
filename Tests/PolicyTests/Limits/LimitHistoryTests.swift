import Clocks
import Testing

@testable import Policy

@Suite struct LimitHistoryTests {
    private func requests(at second: Int64, tokens: Int64 = 1) -> LimitHistory.Requests {
        LimitHistory.Requests(
            startedAt: Timestamp(seconds: second), keyID: "k", team: "red",
            amounts: LimitAmounts(requests: 1, tokens: tokens))
    }

    /// A row of the process before: it counts in every window in which it began, and in none that began later.
    @Test func singleRequestsCountInTheWindowsInWhichTheyBegan() {
        let span = LimitHistory.Span(
            starts: [.hour: Timestamp(seconds: 1000), .day: Timestamp(seconds: 500), .month: Timestamp(seconds: 0)],
            recent: Timestamp(seconds: 1100))
        let all = [
            requests(at: 499, tokens: 1), requests(at: 500, tokens: 2), requests(at: 1000, tokens: 4),
            requests(at: 1100, tokens: 8),
        ]
        let history = LimitHistory(of: all, in: span)
        #expect(history.uses[.hour]?.map(\.amounts.tokens) == [4, 8])
        #expect(history.uses[.day]?.map(\.amounts.tokens) == [2, 4, 8])
        #expect(history.uses[.month]?.map(\.amounts.tokens) == [1, 2, 4, 8])
        #expect(history.recent == [all[3]])
        #expect(history.uses[.hour]?.first == LimitHistory.Use(keyID: "k", team: "red", amounts: all[2].amounts))
    }

    @Test func withoutLimitsPerMinuteNothingIsRecent() {
        let span = LimitHistory.Span(starts: [.hour: Timestamp(seconds: 0)], recent: nil)
        #expect(LimitHistory(of: [requests(at: 5)], in: span).recent.isEmpty)
    }
}
