import Clocks
import GRDB
import Policy
import Synchronization

/// The keys in the ledger's database, with a snapshot in memory that answers every request.
///
/// A change made here is in the snapshot when the call returns. Changes of other processes (the command line next to a
/// gateway) arrive with the next `reloadIfChanged`. Calls that change or list keys block for a transaction: do not call them
/// on an event loop. Of a secret the database holds the SHA-256.
package final class KeyStore: KeyDirectory {
    private struct Loaded {
        var keys: KeySnapshot
        /// The version of the keys in the database: a count of their changes.
        var version: Int64
    }

    private let database: LedgerDatabase
    private let loaded: Mutex<Loaded>
    private let lastError = Mutex<LedgerError?>(nil)

    /// Reads all keys of `database`.
    package init(_ database: LedgerDatabase) throws(LedgerError) {
        self.database = database
        loaded = Mutex(try database.reading { try Self.load($0) })
    }

    package var keys: KeySnapshot { loaded.withLock { $0.keys } }

    /// The error of the last `reloadIfChanged`, or nil after a success. Until the next success, revoked keys stay valid.
    package var trouble: LedgerError? { lastError.withLock { $0 } }

    /// Loads changes of other processes. An unchanged database costs one small read.
    ///
    /// After an error of the database the keys stay as they were, and `trouble` has the error.
    /// - Returns: true if keys have changed.
    @discardableResult
    package func reloadIfChanged() -> Bool {
        let known = loaded.withLock { $0.version }
        let fresh: Loaded?
        do throws(LedgerError) {
            fresh = try database.reading { database -> Loaded? in
                try Self.version(database) == known ? nil : try Self.load(database)
            }
        } catch {
            lastError.withLock { $0 = error }
            return false
        }
        lastError.withLock { $0 = nil }
        guard let fresh else { return false }
        replace(with: fresh)
        return true
    }

    /// Adds a key.
    /// - Throws: `LedgerError.duplicateKey` if another key has its id or digest, `.textTooLong`.
    package func create(_ record: KeyRecord) throws(LedgerError) {
        try KeyBounds.check(id: record.id, name: record.name, team: record.team)
        try change { database in
            do {
                try KeyTable.insert(record, into: database)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                throw LedgerError.duplicateKey(record.id)
            }
        }
    }

    /// Reads all keys with the revoked and expired ones, the oldest first.
    package func list() throws(LedgerError) -> [KeyRecord] {
        try database.reading { try KeyTable.fetchAll($0) }
    }

    /// Finds a key by its id, otherwise by its name. Of several keys with the name it takes the only one not revoked.
    /// - Throws: `LedgerError.keyNotFound`, `LedgerError.ambiguousKeyName`.
    package func find(_ idOrName: String) throws(LedgerError) -> KeyRecord {
        try database.reading { database in
            if let record = try KeyTable.fetch(id: idOrName, from: database) { return record }
            let named = try KeyTable.fetchAll(database).filter { $0.name == idOrName }
            let usable = named.filter { $0.revokedAt == nil }
            let candidates = usable.isEmpty ? named : usable
            guard let record = candidates.first else { throw LedgerError.keyNotFound(idOrName) }
            guard candidates.count == 1 else {
                throw LedgerError.ambiguousKeyName(idOrName, ids: candidates.map(\.id))
            }
            return record
        }
    }

    /// Gives the key a new secret. The present one works until `graceUntil`, and each of its predecessors until its own end;
    /// those that have ended at `now` are forgotten.
    /// - Returns: the changed key.
    /// - Throws: `LedgerError.keyNotFound`, `.keyRevoked`, and `.duplicateKey` if another key has the secret.
    @discardableResult
    package func rotate(
        _ id: String, newDigest: KeyDigest, graceUntil: Timestamp, at now: Timestamp
    ) throws(LedgerError) -> KeyRecord {
        try change(id) { record, database in
            guard record.revokedAt == nil else { throw LedgerError.keyRevoked(id) }
            let predecessors =
                record.predecessors.filter { $0.validUntil > now }
                + [KeyRecord.Predecessor(digest: record.digest, validUntil: graceUntil)]
            do {
                try database.execute(
                    sql: "UPDATE keys SET digest = ?, predecessors = ? WHERE id = ?",
                    arguments: [KeyTable.data(newDigest), KeyTable.text(predecessors), id])
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                throw LedgerError.duplicateKey(id)
            }
        }
    }

    /// Ends the key and its predecessors for good. A revoked key keeps its moment of revocation.
    /// - Returns: the revoked key.
    /// - Throws: `LedgerError.keyNotFound`.
    @discardableResult
    package func revoke(_ id: String, at now: Timestamp) throws(LedgerError) -> KeyRecord {
        try change(id) { _, database in
            try database.execute(
                sql: "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                arguments: [now.microseconds, id])
        }
    }

    /// Changes members of a key.
    /// - Returns: the changed key.
    /// - Throws: `LedgerError.keyNotFound`, `.keyRevoked`, `.textTooLong`.
    @discardableResult
    package func update(_ id: String, _ changes: KeyChanges) throws(LedgerError) -> KeyRecord {
        try KeyBounds.check(name: changes.name, team: changes.team.applied(to: nil))
        return try change(id) { record, database in
            guard record.revokedAt == nil else { throw LedgerError.keyRevoked(id) }
            try database.execute(
                sql: "UPDATE keys SET name = ?, tier = ?, team = ?, models = ?, expires_at = ? WHERE id = ?",
                arguments: [
                    changes.name ?? record.name,
                    changes.tier ?? record.tier,
                    changes.team.applied(to: record.team),
                    KeyTable.text(changes.models.applied(to: record.models)),
                    changes.expiresAt.applied(to: record.expiresAt)?.microseconds,
                    id,
                ])
        }
    }

    /// Runs `body` on the key `id` in one transaction. Returns the changed key.
    private func change(
        _ id: String, _ body: (KeyRecord, Database) throws -> Void
    ) throws(LedgerError) -> KeyRecord {
        try change { database in
            guard let before = try KeyTable.fetch(id: id, from: database) else { throw LedgerError.keyNotFound(id) }
            try body(before, database)
            guard let after = try KeyTable.fetch(id: id, from: database) else { throw LedgerError.keyNotFound(id) }
            return after
        }
    }

    /// Runs `body` in one transaction, then updates the snapshot.
    private func change<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        let (result, fresh) = try database.writing { database in
            (try body(database), try Self.load(database))
        }
        replace(with: fresh)
        return result
    }

    private func replace(with fresh: Loaded) {
        // Two changes at once may arrive in either order: the later state stays.
        loaded.withLock { if fresh.version > $0.version { $0 = fresh } }
    }

    private static func version(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT version FROM keys_version") ?? 0
    }

    private static func load(_ database: Database) throws -> Loaded {
        Loaded(keys: KeySnapshot(try KeyTable.fetchAll(database)), version: try version(database))
    }
}
