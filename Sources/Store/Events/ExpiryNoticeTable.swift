import GRDB
import Policy

/// The table of notices of expiry that were given. It keeps the newest `capacity` ones.
enum ExpiryNoticeTable {
    static let capacity: Int64 = 1_000_000

    /// Notes `notice`. Returns false if it was given before. Call it in a transaction.
    static func insert(_ notice: ExpiryNotice, in database: Database) throws -> Bool {
        let subject = notice.subject
        try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO expiry_notices (kind, subject, expires_at, days) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [
            subject.kind.rawValue, subject.id, subject.expiresAt.microseconds, notice.days,
        ])
        return database.changesCount > 0
    }

    /// Removes the oldest notices beyond `capacity`.
    static func trim(in database: Database) throws {
        try database.execute(
            sql: "DELETE FROM expiry_notices WHERE number <= (SELECT MAX(number) FROM expiry_notices) - ?",
            arguments: [capacity])
    }
}

extension LedgerDatabase {
    /// Appends the events of those notices that were never given, by this process or another one, in one transaction. Blocks.
    ///
    /// - Parameter capacity: the events that are kept.
    /// - Returns: the events that were appended.
    func append(
        _ notices: some Collection<(notice: ExpiryNotice, event: Event)>, keeping capacity: Int64
    ) throws(LedgerError) -> [Event] {
        try writing { database in
            let new = try notices.filter { try ExpiryNoticeTable.insert($0.notice, in: database) }.map(\.event)
            guard !new.isEmpty else { return [] }
            try ExpiryNoticeTable.trim(in: database)
            try EventTable.append(new, keeping: capacity, in: database)
            return new
        }
    }
}
