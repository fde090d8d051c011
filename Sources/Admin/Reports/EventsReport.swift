/// Events, as `/admin/v1/events` and `propylon events` show them.
package struct EventsReport: Codable, Equatable, Sendable {
    /// One event.
    package struct Entry: Codable, Equatable, Sendable {
        /// The number, which ascends in time and is never used again.
        package var number: Int64
        /// The moment, in UTC.
        package var at: String
        package var kind: String
        /// `notice`, `warning` or `error`.
        package var severity: String
        /// The id of a key, the name of a team, the address of an upstream, or what else the event is about.
        package var subject: String
        /// The name of the key that is the subject; nil for other subjects.
        package var subjectName: String?
        package var cause: String?
        /// The cause and its remedy in words.
        package var meaning: String?
        /// The particulars in words.
        package var detail: String?
        /// The number of occurrences that were gathered in it.
        package var count: Int64
        /// Further facts by their names; times are in UTC.
        package var facts: [String: String]

        private enum CodingKeys: String, CodingKey {
            case number, at, kind, severity, subject, cause, meaning, detail, count, facts
            case subjectName = "subject_name"
        }

        /// An event of these members.
        package init(
            number: Int64, at: String, kind: String, severity: String, subject: String, subjectName: String? = nil,
            cause: String? = nil, meaning: String? = nil, detail: String? = nil, count: Int64 = 1,
            facts: [String: String] = [:]
        ) {
            self.number = number
            self.at = at
            self.kind = kind
            self.severity = severity
            self.subject = subject
            self.subjectName = subjectName
            self.cause = cause
            self.meaning = meaning
            self.detail = detail
            self.count = count
            self.facts = facts
        }
    }

    /// The events, the oldest first.
    package var events: [Entry]
    /// The cursor of the next page: the number of the last event that was read.
    package var next: Int64

    /// The events of one page.
    package init(events: [Entry], next: Int64) {
        self.events = events
        self.next = next
    }
}

/// The source of events.
package protocol EventsReporting: Sendable {
    /// The events after the number `after`, or the newest ones where it is nil, the oldest first, at most `limit`. Blocks
    /// for a short read, and is called beside the admin loop.
    ///
    /// - Returns: nil where the store cannot be read now.
    func events(after: Int64?, limit: Int) -> EventsReport?
}

extension EventsReport {
    /// The form of a page, for `openapi.json`.
    static let schema = AdminSchema.object([
        .init("events", .list(Entry.schema, atMost: 1000), "The events, the oldest first.", required: true),
        .init("next", .integer(0...Int64.max), "The `after` of the next page.", required: true),
    ])
}

extension EventsReport.Entry {
    fileprivate static let schema = AdminSchema.object([
        .init("number", .integer(0...Int64.max), "The place in the log.", required: true),
        .init("at", .text(), "The moment, in UTC.", required: true),
        .init("kind", .text(), "The kind, as limit.refused.", required: true),
        .init("severity", .text(), "notice, warning or error.", required: true),
        .init("subject", .text(), "The id of a key, or what else the event is about.", required: true),
        .init("subject_name", .text(), "The name of the key that is the subject."),
        .init("cause", .text(), "The cause, as upstream_timeout."),
        .init("meaning", .text(), "The cause and its remedy in words."),
        .init("detail", .text(), "The particulars in words."),
        .init("count", .integer(0...Int64.max), "The occurrences that it stands for.", required: true),
        .init("facts", .table(names: nil, .text()), "Further facts by their names.", required: true),
    ])
}
