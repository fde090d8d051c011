import Clocks
import GRDB
import Policy

extension LedgerDatabase {
    /// Appends the reload of a configuration whose members `changed` differ to the audit log.
    package func auditReload(changed: [String], by actor: AuditActor, at now: Timestamp) throws(LedgerError) {
        try writing { database in
            try AuditTable.append(
                .reload, by: actor, at: now, after: AuditMembers(["changed": .list(changed)]), to: database)
        }
    }

    /// Appends the end of the request `id` of `key`, while it was in flight, to the audit log.
    package func auditCancellation(
        of id: RequestID, key: KeyRecord?, by actor: AuditActor, at now: Timestamp
    ) throws(LedgerError) {
        try writing { database in
            try AuditTable.append(
                .cancelRequest, by: actor, at: now, subject: key.map { AuditEntry.Subject(id: $0.id, name: $0.name) },
                after: AuditMembers(["request": .text(id.description)]), to: database)
        }
    }

    /// Appends the download of a backup of `count` bytes to the audit log.
    package func auditBackup(of count: Int, by actor: AuditActor, at now: Timestamp) throws(LedgerError) {
        try writing { database in
            try AuditTable.append(
                .backup, by: actor, at: now, after: AuditMembers(["bytes": .text(String(count))]), to: database)
        }
    }

    /// Reads the audit log, the newest entry first.
    ///
    /// - Parameters:
    ///   - number: the entry after which to go on, in this order; nil to begin with the newest.
    ///   - since: the time of the oldest entry; nil for all.
    ///   - key: the id of a key, also of one that is gone; nil for all changes.
    ///   - limit: the most entries.
    package func audit(
        after number: Int64? = nil, since: Timestamp? = nil, ofKey key: String? = nil, limit: Int
    ) throws(LedgerError) -> [AuditEntry] {
        try reading { database in
            try AuditTable.entries(below: number, since: since, subject: key, limit: limit, from: database)
        }
    }
}
