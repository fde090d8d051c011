import Clocks
import Foundation
import GRDB
import Policy

/// The table of events. It keeps the newest `capacity` ones.
enum EventTable {
    /// A fact as it is stored: one of the values is there.
    private struct StoredFact: Codable {
        let name: String
        var text: String?
        var number: Int64?
        /// Microseconds since 1970.
        var time: Int64?

        init(_ fact: Event.Fact) {
            name = fact.name
            switch fact.value {
            case .text(let text): self.text = text
            case .number(let number): self.number = number
            case .time(let moment): time = moment.microseconds
            }
        }

        var fact: Event.Fact {
            let value: Event.Fact.Value? =
                time.map { .time(Timestamp(microseconds: $0)) } ?? number.map { .number($0) }
            return Event.Fact(name, value ?? .text(text ?? ""))
        }
    }

    /// Appends `events`, and removes the oldest ones beyond `capacity`. Call it in a transaction.
    static func append(_ events: some Sequence<Event>, keeping capacity: Int64, in database: Database) throws {
        let insert = try database.cachedStatement(
            sql: "INSERT INTO events (at, kind, subject, cause, detail, count, facts) VALUES (?, ?, ?, ?, ?, ?, ?)")
        for event in events {
            try insert.execute(arguments: [
                event.at.microseconds, event.kind.rawValue, event.subject, event.cause?.rawValue, event.detail,
                event.count, try facts(event.facts),
            ])
        }
        try database.cachedStatement(sql: "DELETE FROM events WHERE number <= (SELECT MAX(number) FROM events) - ?")
            .execute(arguments: [capacity])
    }

    /// The events after the number `number`, and not before `moment`, the oldest first, at most `limit`.
    static func events(
        after number: Int64, since moment: Timestamp?, limit: Int, in database: Database
    ) throws -> [NumberedEvent] {
        try read(
            "WHERE number > ? AND at >= ? ORDER BY number LIMIT ?", [number, moment?.microseconds ?? .min, limit],
            from: database)
    }

    /// The events of `kinds` after the number `number`, the oldest first, at most `limit`.
    static func events(
        after number: Int64, of kinds: AlertKinds, limit: Int, in database: Database
    ) throws -> [NumberedEvent] {
        try read(
            "WHERE number > ? AND kind IN (SELECT value FROM json_each(?)) ORDER BY number LIMIT ?",
            [number, kinds.json, limit], from: database)
    }

    /// The newest events, not before `moment`, at most `limit`, the oldest first.
    static func newest(_ limit: Int, since moment: Timestamp?, in database: Database) throws -> [NumberedEvent] {
        try read(
            "WHERE at >= ? ORDER BY number DESC LIMIT ?", [moment?.microseconds ?? .min, limit], from: database
        ).reversed()
    }

    private static func read(
        _ condition: String, _ arguments: StatementArguments, from database: Database
    ) throws -> [NumberedEvent] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT number, at, kind, subject, cause, detail, count, facts,
                    (SELECT name FROM keys WHERE id = subject), (SELECT team FROM keys WHERE id = subject)
                FROM events \(condition)
                """,
            arguments: arguments
        ).compactMap(event)
    }

    /// The event in `row`; nil for a kind of a newer version.
    private static func event(_ row: Row) throws -> NumberedEvent? {
        guard let kind = EventKind(rawValue: row[2]) else { return nil }
        return NumberedEvent(
            row[0],
            Event(
                at: Timestamp(microseconds: row[1]), kind, row[3],
                cause: (row[4] as String?).flatMap(Cause.init), detail: row[5], count: row[6],
                facts: try facts(row[7])), keyName: row[8], keyTeam: row[9])
    }

    private static func facts(_ facts: [Event.Fact]) throws -> String? {
        guard !facts.isEmpty else { return nil }
        return String(decoding: try JSONEncoder().encode(facts.map(StoredFact.init)), as: UTF8.self)
    }

    private static func facts(_ text: String?) throws -> [Event.Fact] {
        guard let text else { return [] }
        return try JSONDecoder().decode([StoredFact].self, from: Data(text.utf8)).map(\.fact)
    }
}

extension LedgerDatabase {
    /// The events after the number `number` that are not older than `moment`, the oldest first.
    ///
    /// - Parameters:
    ///   - number: the last number that was read, as a cursor; nil for the newest events.
    ///   - limit: the most events.
    package func events(
        after number: Int64?, since moment: Timestamp? = nil, limit: Int
    ) throws(LedgerError) -> [NumberedEvent] {
        try reading { database in
            if let number {
                try EventTable.events(after: number, since: moment, limit: limit, in: database)
            } else {
                try EventTable.newest(limit, since: moment, in: database)
            }
        }
    }

    /// Appends `events` in one transaction, and removes the oldest ones beyond `capacity`. Blocks.
    func append(_ events: some Sequence<Event>, keeping capacity: Int64) throws(LedgerError) {
        try writing { try EventTable.append(events, keeping: capacity, in: $0) }
    }
}
