import Clocks
import GRDB
import Policy

/// The keys in the ledger's database: what changes and lists them.
///
/// A gateway sees a change at the next request with an unknown key, within half a second otherwise (`KeyCache`). Calls block
/// for a transaction: do not make them on an event loop. Of a secret the database holds the SHA-256.
package struct KeyStore: Sendable {
    private let database: LedgerDatabase

    /// The keys of `database`.
    package init(_ database: LedgerDatabase) { self.database = database }

    /// Adds a key.
    /// - Throws: `LedgerError.duplicateKey` if another key has its id or digest, `.textTooLong`.
    package func create(_ record: KeyRecord) throws(LedgerError) {
        try KeyBounds.check(id: record.id, name: record.name, team: record.team)
        try database.writing { database in
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
            let named = try KeyTable.fetch(name: idOrName, from: database)
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
        try changeUnrevoked(id) { record, database in
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

    /// Refuses the key and its predecessors from now on, until `resume`. A suspended key keeps its moment of suspension.
    /// - Returns: the suspended key.
    /// - Throws: `LedgerError.keyNotFound`, `.keyRevoked`.
    @discardableResult
    package func suspend(_ id: String, at now: Timestamp) throws(LedgerError) -> KeyRecord {
        try changeUnrevoked(id) { _, database in
            try database.execute(
                sql: "UPDATE keys SET suspended_at = ? WHERE id = ? AND suspended_at IS NULL",
                arguments: [now.microseconds, id])
        }
    }

    /// Ends the suspension of the key, if there is one.
    /// - Returns: the key, which works again.
    /// - Throws: `LedgerError.keyNotFound`, `.keyRevoked`.
    @discardableResult
    package func resume(_ id: String) throws(LedgerError) -> KeyRecord {
        try changeUnrevoked(id) { record, database in
            guard record.suspendedAt != nil else { return }
            try database.execute(sql: "UPDATE keys SET suspended_at = NULL WHERE id = ?", arguments: [id])
        }
    }

    /// Raises limits of the key until the ends of `grants`. Earlier grants stay; those that have ended at `now` are forgotten.
    /// - Returns: the changed key.
    /// - Throws: `LedgerError.keyNotFound`, `.keyRevoked`, `.tooManyGrants`.
    @discardableResult
    package func grant(_ id: String, _ grants: [LimitGrant], at now: Timestamp) throws(LedgerError) -> KeyRecord {
        try changeGrants(id, at: now) { $0 + grants }
    }

    /// Ends all grants of `kinds` of the key.
    /// - Returns: the changed key.
    /// - Throws: `LedgerError.keyNotFound`, `.keyRevoked`.
    @discardableResult
    package func endGrants(
        _ id: String, of kinds: [LimitKind], at now: Timestamp
    ) throws(LedgerError) -> KeyRecord {
        try changeGrants(id, at: now) { grants in grants.filter { !kinds.contains($0.kind) } }
    }

    private func changeGrants(
        _ id: String, at now: Timestamp, _ body: ([LimitGrant]) -> [LimitGrant]
    ) throws(LedgerError) -> KeyRecord {
        try changeUnrevoked(id) { record, database in
            let grants = body(record.limits.grants.filter { $0.until > now })
            guard grants.count <= KeyBounds.grants else { throw LedgerError.tooManyGrants(id, limit: KeyBounds.grants) }
            try database.execute(
                sql: "UPDATE keys SET grants = ? WHERE id = ?", arguments: [KeyLimitsText.grants(grants), id])
        }
    }

    /// Changes members of a key.
    /// - Returns: the changed key.
    /// - Throws: `LedgerError.keyNotFound`, `.keyRevoked`, `.textTooLong`.
    @discardableResult
    package func update(_ id: String, _ changes: KeyChanges) throws(LedgerError) -> KeyRecord {
        try KeyBounds.check(name: changes.name, team: changes.team.applied(to: nil))
        return try changeUnrevoked(id) { record, database in
            var limits = record.limits.own
            for (kind, change) in changes.limits { limits[kind] = change.applied(to: limits[kind]) }
            try database.execute(
                sql: """
                    UPDATE keys SET name = ?, tier = ?, team = ?, models = ?, expires_at = ?, limits = ? WHERE id = ?
                    """,
                arguments: [
                    changes.name ?? record.name,
                    changes.tier ?? record.tier,
                    changes.team.applied(to: record.team),
                    KeyTable.text(changes.models.applied(to: record.models)),
                    changes.expiresAt.applied(to: record.expiresAt)?.microseconds,
                    KeyLimitsText.limits(limits),
                    id,
                ])
        }
    }

    /// Runs `body` on the key `id`, which must not be revoked, in one transaction. Returns the changed key.
    private func changeUnrevoked(
        _ id: String, _ body: (KeyRecord, Database) throws -> Void
    ) throws(LedgerError) -> KeyRecord {
        try change(id) { record, database in
            guard record.revokedAt == nil else { throw LedgerError.keyRevoked(id) }
            try body(record, database)
        }
    }

    /// Runs `body` on the key `id` in one transaction. Returns the changed key.
    private func change(
        _ id: String, _ body: (KeyRecord, Database) throws -> Void
    ) throws(LedgerError) -> KeyRecord {
        try database.writing { database in
            guard let before = try KeyTable.fetch(id: id, from: database) else { throw LedgerError.keyNotFound(id) }
            try body(before, database)
            guard let after = try KeyTable.fetch(id: id, from: database) else { throw LedgerError.keyNotFound(id) }
            return after
        }
    }
}
