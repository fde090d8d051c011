import Clocks
import GRDB
import Policy
import Synchronization

/// The keys, kept in the ledger's database, with a snapshot in memory that answers every request.
///
/// Changes made here are in the snapshot when the call returns; those of other processes (the command line beside a
/// gateway) at the next `reloadIfChanged`. The calls that change or list keys block for a transaction: not for an event
/// loop. What the database holds of a secret is its SHA-256.
package final class KeyStore: KeyDirectory {
    private struct Loaded {
        var keys: KeySnapshot
        /// The database's count of changes of the keys at which `keys` were read.
        var version: Int64
    }

    private let database: LedgerDatabase
    private let loaded: Mutex<Loaded>
    private let failure = Mutex<LedgerError?>(nil)

    /// Reads all keys of `database`.
    package init(_ database: LedgerDatabase) throws(LedgerError) {
        self.database = database
        loaded = Mutex(try database.reading { try Self.load($0) })
    }

    package var keys: KeySnapshot { loaded.withLock { $0.keys } }

    /// The error of the last `reloadIfChanged`. Returns nil after a success.
    package var trouble: LedgerError? { failure.withLock { $0 } }

    /// Takes over what others have changed since the last look. Cheap where nothing has: one row is read.
    ///
    /// Where the database cannot be read the keys stay as they were.
    /// - Returns: whether the keys are others now.
    @discardableResult
    package func reloadIfChanged() -> Bool {
        let known = loaded.withLock { $0.version }
        let fresh: Loaded?
        do throws(LedgerError) {
            fresh = try database.reading { database -> Loaded? in
                try Self.version(database) == known ? nil : try Self.load(database)
            }
            failure.withLock { $0 = nil }
        } catch {
            failure.withLock { $0 = error }
            return false
        }
        guard let fresh else { return false }
        replace(with: fresh)
        return true
    }

    /// Adds a key.
    /// - Throws: `LedgerError.duplicateKey` where its id or its digest is there already.
    package func create(_ record: KeyRecord) throws(LedgerError) {
        try change { database in
            do {
                try KeyRow.insert(record, into: database)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                throw LedgerError.duplicateKey(record.id)
            }
        }
    }

    /// All keys, revoked and expired ones too, the oldest first.
    package func list() throws(LedgerError) -> [KeyRecord] {
        try database.reading { try KeyRow.fetchAll($0) }
    }

    /// The key with this id, else the one with this name; of several with the name the only one that is not revoked.
    /// - Throws: `LedgerError.keyNotFound`, `LedgerError.ambiguousKeyName`.
    package func find(_ idOrName: String) throws(LedgerError) -> KeyRecord {
        try database.reading { database in
            if let record = try KeyRow.fetch(id: idOrName, from: database) { return record }
            let named = try KeyRow.fetchAll(database).filter { $0.name == idOrName }
            let usable = named.filter { $0.revokedAt == nil }
            let candidates = usable.isEmpty ? named : usable
            guard let record = candidates.first else { throw LedgerError.keyNotFound(idOrName) }
            guard candidates.count == 1 else {
                throw LedgerError.ambiguousKeyName(idOrName, ids: candidates.map(\.id))
            }
            return record
        }
    }

    /// Gives the key a new secret. The one before works until `graceUntil`; one that was rotated out earlier ends at once.
    /// - Returns: the key as it is now.
    /// - Throws: `LedgerError.keyNotFound`, `.keyRevoked`, and `.duplicateKey` where the secret is another key's.
    @discardableResult
    package func rotate(
        _ id: String, newDigest: KeyDigest, graceUntil: Timestamp
    ) throws(LedgerError) -> KeyRecord {
        try change(id) { record, database in
            guard record.revokedAt == nil else { throw LedgerError.keyRevoked(id) }
            do {
                try database.execute(
                    sql: """
                        UPDATE keys SET digest = ?, predecessor_digest = digest, predecessor_until = ? WHERE id = ?
                        """,
                    arguments: [KeyRow.data(newDigest), graceUntil.microseconds, id])
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                throw LedgerError.duplicateKey(id)
            }
        }
    }

    /// Ends the key for good, its predecessor too. One that is revoked already stays as it is.
    /// - Returns: the key as it is now.
    /// - Throws: `LedgerError.keyNotFound`.
    @discardableResult
    package func revoke(_ id: String, at now: Timestamp) throws(LedgerError) -> KeyRecord {
        try change(id) { _, database in
            try database.execute(
                sql: "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                arguments: [now.microseconds, id])
        }
    }

    /// Changes what a key may do.
    /// - Returns: the key as it is now.
    /// - Throws: `LedgerError.keyNotFound`, `.keyRevoked`.
    @discardableResult
    package func update(_ id: String, _ changes: KeyChanges) throws(LedgerError) -> KeyRecord {
        try change(id) { record, database in
            guard record.revokedAt == nil else { throw LedgerError.keyRevoked(id) }
            try database.execute(
                sql: "UPDATE keys SET name = ?, tier = ?, team = ?, models = ?, expires_at = ? WHERE id = ?",
                arguments: [
                    changes.name ?? record.name,
                    changes.tier ?? record.tier,
                    changes.team.applied(to: record.team),
                    KeyRow.text(changes.models.applied(to: record.models)),
                    changes.expiresAt.applied(to: record.expiresAt)?.microseconds,
                    id,
                ])
        }
    }

    /// Changes the key `id` in one transaction and says what it is then.
    private func change(
        _ id: String, _ body: (KeyRecord, Database) throws -> Void
    ) throws(LedgerError) -> KeyRecord {
        try change { database in
            guard let before = try KeyRow.fetch(id: id, from: database) else { throw LedgerError.keyNotFound(id) }
            try body(before, database)
            guard let after = try KeyRow.fetch(id: id, from: database) else { throw LedgerError.keyNotFound(id) }
            return after
        }
    }

    /// Runs `body` in one transaction; what it has changed is in the snapshot afterwards.
    private func change<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        let (result, fresh) = try database.writing { database in
            (try body(database), try Self.load(database))
        }
        replace(with: fresh)
        return result
    }

    private func replace(with fresh: Loaded) {
        // Two changes at once may come here in either order: the later state stays.
        loaded.withLock { if fresh.version > $0.version { $0 = fresh } }
    }

    private static func version(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT version FROM keys_version") ?? 0
    }

    private static func load(_ database: Database) throws -> Loaded {
        Loaded(keys: KeySnapshot(try KeyRow.fetchAll(database)), version: try version(database))
    }
}
