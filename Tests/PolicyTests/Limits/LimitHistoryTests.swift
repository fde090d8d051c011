import Clocks
import Testing

@testable import Policy

@Suite struct LimitHistoryTests {
    private func requests(at second: Int64, tokens: Int64 = 1) -> LimitHistory.Requests {
        LimitHistory.Requests(
            startedAt: Timestamp(seconds: second), UsageOwner(keyID: "k", team: "red"),
            amounts: LimitAmounts(requests: 1, tokens: tokens))
    }

    private func seconds(_ start: Int64, _ end: Int64) -> Range<Timestamp> {
        Timestamp(seconds: start)..<Timestamp(seconds: end)
    }

    private var span: LimitHistory.Span {
        LimitHistory.Span(
            windows: [.hour: seconds(1000, 2000), .day: seconds(500, 3000), .month: seconds(0, 9000)],
            recent: Timestamp(seconds: 1100)...Timestamp(seconds: 1200))
    }

    /// A row of the process before: it counts in every window in which it began, and in none that began later.
    @Test func singleRequestsCountInTheWindowsInWhichTheyBegan() {
        let all = [
            requests(at: 499, tokens: 1), requests(at: 500, tokens: 2), requests(at: 1000, tokens: 4),
            requests(at: 1100, tokens: 8),
        ]
        let history = LimitHistory(of: all, in: span)
        #expect(history.uses[.hour]?.map(\.amounts.tokens) == [4, 8])
        #expect(history.uses[.day]?.map(\.amounts.tokens) == [2, 4, 8])
        #expect(history.uses[.month]?.map(\.amounts.tokens) == [1, 2, 4, 8])
        #expect(history.recent == [all[3]])
        #expect(history.future.isEmpty)
        #expect(
            history.uses[.hour]?.first == LimitHistory.Use(UsageOwner(keyID: "k", team: "red"), amounts: all[2].amounts)
        )
    }

    /// A row of a clock that was ahead counts in the windows that contain it, and is kept for the others.
    @Test func requestsOfTheFutureDoNotCountInThePresent() {
        let all = [
            requests(at: 1200, tokens: 1), requests(at: 2000, tokens: 2), requests(at: 3000, tokens: 4),
            requests(at: 1 << 40, tokens: 8),
        ]
        let history = LimitHistory(of: all, in: span)
        #expect(history.uses[.hour]?.map(\.amounts.tokens) == [1])
        #expect(history.uses[.day]?.map(\.amounts.tokens) == [1, 2])
        #expect(history.uses[.month]?.map(\.amounts.tokens) == [1, 2, 4])
        #expect(history.recent == [all[0]])
        #expect(history.future == Array(all[1...]))
    }

    @Test func withoutLimitsPerMinuteNothingIsRecent() {
        let span = LimitHistory.Span(windows: [.hour: seconds(0, 3600)], recent: nil)
        #expect(LimitHistory(of: [requests(at: 5)], in: span).recent.isEmpty)
    }
}
