import Clocks
import GRDB
import Policy

/// The table `audit`, which only grows: triggers refuse every other change.
enum AuditTable {
    /// Appends a change of `actor`. Call it in the transaction of the change.
    static func append(
        _ action: AuditAction, by actor: AuditActor, at now: Timestamp, subject: AuditEntry.Subject? = nil,
        before: AuditMembers = AuditMembers(), after: AuditMembers = AuditMembers(), to database: Database
    ) throws {
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO audit (at, actor, origin, action, subject_id, subject_name, before, after)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """)
        try insert.execute(arguments: [
            now.microseconds, actor.name, actor.origin, action.rawValue, subject?.id, subject?.name, before.json(),
            after.json(),
        ])
    }

    /// Reads at most `limit` entries below `number`, the newest first; nil for no condition.
    static func entries(
        below number: Int64?, since: Timestamp?, subject: String?, limit: Int, from database: Database
    ) throws -> [AuditEntry] {
        let query = try database.cachedStatement(
            sql: """
                SELECT number, at, actor, origin, action, subject_id, subject_name, before, after FROM audit
                WHERE number < ? AND at >= ? \(subject == nil ? "" : "AND subject_id = ?")
                ORDER BY number DESC LIMIT ?
                """)
        var arguments: StatementArguments = [number ?? .max, since?.microseconds ?? .min]
        if let subject { arguments += [subject] }
        arguments += [limit]
        return try Row.fetchAll(query, arguments: arguments).map { row in
            let id: String? = row[5]
            return AuditEntry(
                number: row[0], at: Timestamp(microseconds: row[1]), actor: AuditActor(name: row[2], origin: row[3]),
                action: row[4], subject: id.map { AuditEntry.Subject(id: $0, name: row[6] ?? "") }, before: row[7],
                after: row[8])
        }
    }
}
