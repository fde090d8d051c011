import Clocks
import Foundation
import GRDB
import Policy

/// Kinds of events as a JSON array, as the store keeps and compares them.
struct AlertKinds {
    let json: String

    init(_ kinds: [EventKind]) throws {
        json = String(decoding: try JSONEncoder().encode(kinds.map(\.rawValue)), as: UTF8.self)
    }

    /// The kinds that the store keeps as `json`.
    init(stored json: String) { self.json = json }
}

/// The table of recipients. A cursor each says which of the events are not delivered yet, so an alert is there from the
/// transaction of its event on, and the bound on events is that on alerts.
enum AlertTable {
    /// Keeps `recipients` and no others. A new one begins after the newest event. Returns how far each has got, by id.
    static func use(_ recipients: [AlertRecipient], in database: Database) throws -> [String: AlertProgress] {
        // Events that a recipient did not want then are no alerts now that it wants them.
        try database.execute(
            sql: """
                UPDATE alert_recipients SET position = MAX(position, COALESCE(
                    (SELECT MIN(number) - 1 FROM events WHERE number > alert_recipients.position
                        AND kind IN (SELECT value FROM json_each(alert_recipients.kinds))),
                    (SELECT MAX(number) FROM events), 0))
                """)
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO alert_recipients (id, name, kinds, position)
                VALUES (?, ?, ?, (SELECT COALESCE(MAX(number), 0) FROM events))
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, kinds = excluded.kinds
                """)
        for recipient in recipients {
            try insert.execute(arguments: [recipient.id, recipient.name, AlertKinds(recipient.kinds).json])
        }
        let ids = String(decoding: try JSONEncoder().encode(recipients.map(\.id)), as: UTF8.self)
        try database.execute(
            sql: "DELETE FROM alert_recipients WHERE id NOT IN (SELECT value FROM json_each(?))", arguments: [ids])
        let rows = try Row.fetchAll(database, sql: "SELECT \(columns), id FROM alert_recipients")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[5], progress($0)) })
    }

    /// Notes how far the recipient `id` has got. The position never goes back.
    static func note(_ progress: AlertProgress, of id: String, in database: Database) throws {
        let update = try database.cachedStatement(
            sql: """
                UPDATE alert_recipients SET position = MAX(position, ?), failures = ?, last_error = ?, tried_at = ?,
                    next_at = ?
                WHERE id = ?
                """)
        try update.execute(arguments: [
            progress.position, progress.failures, progress.lastError, progress.triedAt?.microseconds,
            progress.nextAt?.microseconds, id,
        ])
    }

    /// The recipients with what waits for each, in the order of their names.
    static func pending(in database: Database) throws -> [PendingAlerts] {
        try Row.fetchAll(
            database, sql: "SELECT \(columns), name, kinds FROM alert_recipients ORDER BY LENGTH(name), name"
        ).map { row in
            let (progress, kinds) = (progress(row), AlertKinds(stored: row[6]))
            let count = try Int64.fetchOne(
                database,
                sql: "SELECT COUNT(*) FROM events WHERE number > ? AND kind IN (SELECT value FROM json_each(?))",
                arguments: [progress.position, kinds.json])
            return PendingAlerts(
                name: row[5], progress: progress, count: count ?? 0,
                first: try EventTable.events(after: progress.position, of: kinds, limit: 1, in: database).first)
        }
    }

    private static let columns = "position, failures, last_error, tried_at, next_at"

    private static func progress(_ row: Row) -> AlertProgress {
        var progress = AlertProgress(position: row[0])
        progress.failures = row[1]
        progress.lastError = row[2]
        progress.triedAt = (row[3] as Int64?).map { Timestamp(microseconds: $0) }
        progress.nextAt = (row[4] as Int64?).map { Timestamp(microseconds: $0) }
        return progress
    }
}

extension LedgerDatabase {
    /// Keeps `recipients` and no others, each from the newest event on unless it is known. Blocks.
    /// - Returns: how far each has got, by its id.
    package func useAlertRecipients(
        _ recipients: [AlertRecipient]
    ) throws(LedgerError) -> [String: AlertProgress] {
        try writing { try AlertTable.use(recipients, in: $0) }
    }

    /// Notes how far the recipient `id` has got. Does nothing for one that is gone. Blocks.
    package func noteAlerts(_ progress: AlertProgress, of id: String) throws(LedgerError) {
        try writing { try AlertTable.note(progress, of: id, in: $0) }
    }

    /// The first alert for `recipient` after the event with the number `position`, nil where none waits; and the number of the newest
    /// event, 0 before the first one. Blocks.
    package func nextAlert(
        for recipient: AlertRecipient, after position: Int64
    ) throws(LedgerError) -> (alert: NumberedEvent?, newest: Int64) {
        try reading { database in
            (
                try EventTable.events(after: position, of: AlertKinds(recipient.kinds), limit: 1, in: database).first,
                try Int64.fetchOne(database, sql: "SELECT MAX(number) FROM events") ?? 0
            )
        }
    }

    /// The alerts that wait, by recipient. Blocks.
    package func pendingAlerts() throws(LedgerError) -> [PendingAlerts] {
        try reading { try AlertTable.pending(in: $0) }
    }
}
