import Clocks
import Testing

@testable import Policy

@Suite struct EventTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    @Test(arguments: EventKind.allCases) func kindsAreNamedByTheirTopic(kind: EventKind) {
        let parts = kind.rawValue.split(separator: ".", omittingEmptySubsequences: false)
        #expect(parts.count == 2)
        #expect(parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) } })
        #expect(!kind.summary.isEmpty)
        #expect(!kind.summary.hasSuffix("."))
    }

    @Test func anAlertHasItsLimitAndWindow() {
        let alert = LimitAlert(
            subject: "team-a", scope: .team("team-a"), part: .user("ada"), kind: .budgetPerDay, percent: 80,
            limit: 2_000_000_000, used: 1_600_000_000, window: 100..<200)
        let event = Event(alert, at: Self.now)
        #expect(event.kind == .limitReached)
        #expect(event.subject == "team-a")
        #expect(event["scope"] == .text("team"))
        #expect(event["limit"] == .text("budget_eur_per_day"))
        #expect(event["user"] == .text("ada"))
        #expect(event["model"] == nil)
        #expect(event["percent"] == .number(80))
        #expect(event["used"] == .text("1.6"))
        #expect(event["allowed"] == .text("2"))
        #expect(event["window_start"] == .time(Timestamp(seconds: 100)))
        #expect(event["window_end"] == .time(Timestamp(seconds: 200)))
    }
}
