import Admin
import Clocks
import Policy
import Store

/// The events of a ledger, for the admin listener.
struct EventsSource: EventsReporting {
    let database: LedgerDatabase

    func events(after: Int64?, limit: Int) -> EventsReport? {
        do throws(LedgerError) { return try report(after: after, limit: limit) } catch { return nil }
    }

    /// The events after the number `after`, or the newest ones.
    func report(after: Int64?, limit: Int) throws(LedgerError) -> EventsReport {
        let events = try database.events(after: after, limit: limit)
        return EventsReport(events: events.map { EventsReport.Entry($0) }, next: events.last?.number ?? after ?? 0)
    }
}

extension EventsReport.Entry {
    /// The entry of `numbered`.
    init(_ numbered: NumberedEvent) {
        let event = numbered.event
        self.init(
            number: numbered.number, at: event.at.utcText, kind: event.kind.rawValue,
            severity: event.kind.severity.rawValue, subject: event.subject, subjectName: numbered.keyName,
            cause: event.cause?.rawValue, meaning: event.cause?.meaning, detail: event.detail, count: event.count,
            facts: Dictionary(event.facts.map { ($0.name, $0.value.text) }) { first, _ in first })
    }
}
