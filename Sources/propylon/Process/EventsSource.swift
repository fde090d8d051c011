import Admin
import Clocks
import Policy
import Store

/// The events of a ledger, for the admin listener and for `propylon events`.
struct EventsSource: EventsReporting {
    let database: LedgerDatabase

    func events(after: Int64?, limit: Int) -> EventsReport? {
        do throws(LedgerError) { return try report(after: after, limit: limit) } catch { return nil }
    }

    /// The events after the number `after`, or the newest ones, not before `moment`.
    func report(after: Int64?, since moment: Timestamp? = nil, limit: Int) throws(LedgerError) -> EventsReport {
        let events = try database.events(after: after, since: moment, limit: limit)
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

    /// The event on one line for people, with times in the zone of `time`.
    func text(_ time: TimeText) throws(TimeText.Problem) -> String {
        let name = subjectName.map { "\($0) (\(subject))" } ?? subject
        var parts = [time.string(try time.moment(at)), severity, kind, name]
        if count > 1 { parts.append("count=\(count)") }
        if let cause { parts.append("cause=\(cause)") }
        for (fact, value) in facts.sorted(by: { $0.key < $1.key }) {
            let isTime = fact == "until" || fact.hasPrefix("window_")
            parts.append("\(fact)=\(isTime ? time.string(try time.moment(value)) : value)")
        }
        let line = parts.joined(separator: " ") + (detail.map { ": \($0)" } ?? "")
        return String(
            String.UnicodeScalarView(line.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
