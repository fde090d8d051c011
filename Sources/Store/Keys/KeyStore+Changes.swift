import Clocks
import GRDB
import Policy

/// Changes of keys. Each takes the id of a key, or a name that only one has, and returns the changed key.
///
/// All of them throw `LedgerError.keyNotFound`, `.ambiguousKeyName` and `.keyChanged`, and all but `revoke` `.keyRevoked`. No key
/// leaves or enters the team of the actor (`.otherTeam`).
extension KeyStore {
    /// One step of a change of several keys.
    package enum Step: Sendable {
        case create(KeyRecord)
        case update(String, KeyChanges)
    }

    /// Adds a key.
    /// - Throws: `LedgerError.duplicateKey` if another key has its id or digest, `.nameTaken`, `.textTooLong`, `.unreadableText`,
    ///   `.tooManyModels`.
    @discardableResult
    package func create(_ record: KeyRecord) throws(LedgerError) -> KeyRecord {
        try database.writing { try create(record, in: $0) }
    }

    /// Changes members of a key.
    /// - Throws: as `create`.
    @discardableResult
    package func update(
        _ key: String, _ changes: KeyChanges, at now: Timestamp
    ) throws(LedgerError) -> KeyRecord {
        try database.writing { try update(key, changes, at: now, in: $0) }
    }

    /// Carries out all of `steps`, or none of them.
    ///
    /// - Parameter isTrial: True to change nothing, and to return what would be.
    /// - Throws: the error of the first step that fails, with its index.
    package func apply(
        _ steps: [Step], isTrial: Bool, at now: Timestamp
    ) throws(StepError) -> [KeyRecord] {
        var index = 0
        do throws(LedgerError) {
            return try database.writing { database in
                var keys: [KeyRecord] = []
                try database.inSavepoint {
                    for step in steps {
                        index = keys.count
                        switch step {
                        case .create(let record): keys.append(try create(record, in: database))
                        case .update(let key, let changes):
                            keys.append(try update(key, changes, at: now, in: database))
                        }
                    }
                    return isTrial ? .rollback : .commit
                }
                return keys
            }
        } catch { throw StepError(index: index, error: error) }
    }

    /// The error of one of several steps.
    package struct StepError: Error, Equatable {
        package let index: Int
        package let error: LedgerError
    }

    /// Gives the key a new secret. The present one works until `graceUntil`, and each of its predecessors until its own end;
    /// those that have ended at `now` are forgotten.
    /// - Throws: `LedgerError.duplicateKey` if another key has the secret.
    @discardableResult
    package func rotate(
        _ key: String, newDigest: KeyDigest, graceUntil: Timestamp, at now: Timestamp
    ) throws(LedgerError) -> KeyRecord {
        try changeUnrevoked(key, .rotateKey, at: now) { record, database in
            let predecessors =
                record.predecessors.filter { $0.validUntil > now }
                + [KeyRecord.Predecessor(digest: record.digest, validUntil: graceUntil)]
            do {
                try database.execute(
                    sql: "UPDATE keys SET digest = ?, predecessors = ? WHERE id = ?",
                    arguments: [KeyTable.data(newDigest), KeyTable.text(predecessors), record.id])
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                throw LedgerError.duplicateKey(record.id)
            }
        }
    }

    /// Ends the key and its predecessors for good. A revoked key keeps its moment of revocation.
    @discardableResult
    package func revoke(_ key: String, at now: Timestamp) throws(LedgerError) -> KeyRecord {
        try database.writing { database in
            try change(key, .revokeKey, at: now, in: database) { record in
                try database.execute(
                    sql: "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                    arguments: [now.microseconds, record.id])
            }
        }
    }

    /// Refuses the key and its predecessors from now on, until `resume`. A suspended key keeps its moment of suspension.
    @discardableResult
    package func suspend(_ key: String, at now: Timestamp) throws(LedgerError) -> KeyRecord {
        try changeUnrevoked(key, .suspendKey, at: now) { record, database in
            try database.execute(
                sql: "UPDATE keys SET suspended_at = ? WHERE id = ? AND suspended_at IS NULL",
                arguments: [now.microseconds, record.id])
        }
    }

    /// Ends the suspension of the key, if there is one.
    @discardableResult
    package func resume(_ key: String, at now: Timestamp) throws(LedgerError) -> KeyRecord {
        try changeUnrevoked(key, .resumeKey, at: now) { record, database in
            try database.execute(
                sql: "UPDATE keys SET suspended_at = NULL WHERE id = ? AND suspended_at IS NOT NULL",
                arguments: [record.id])
        }
    }

    /// Raises limits of the key until the ends of `grants`, after the end of all earlier grants of `ended`. Other grants stay;
    /// those that have ended at `now` are forgotten.
    /// - Throws: `LedgerError.tooManyGrants`.
    @discardableResult
    package func grant(
        _ key: String, _ grants: [LimitGrant], ending ended: [LimitKind] = [], at now: Timestamp
    ) throws(LedgerError) -> KeyRecord {
        try changeUnrevoked(key, .grant, at: now) { record, database in
            let kept = record.limits.grants.filter { $0.until > now && !ended.contains($0.kind) }
            guard kept.count + grants.count <= KeyBounds.grants else {
                throw LedgerError.tooManyGrants(record.id, limit: KeyBounds.grants)
            }
            guard kept + grants != record.limits.grants else { return }
            try database.execute(
                sql: "UPDATE keys SET grants = ? WHERE id = ?",
                arguments: [KeyLimitsText.grants(kept + grants), record.id])
        }
    }
}

extension KeyStore {
    private func create(_ record: KeyRecord, in database: Database) throws -> KeyRecord {
        try KeyBounds.check(id: record.id, name: record.name, team: record.team, models: record.models)
        try checkTeam(of: record)
        try checkName(record.name, of: record.id, in: database)
        do {
            try KeyTable.insert(record, into: database)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw LedgerError.duplicateKey(record.id)
        }
        guard let created = try KeyTable.fetch(id: record.id, from: database) else {
            throw LedgerError.keyNotFound(record.id)
        }
        try AuditTable.append(
            .createKey, by: actor, at: record.createdAt, subject: .init(id: created.id, name: created.name),
            after: AuditMembers(created), to: database)
        return created
    }

    private func update(
        _ key: String, _ changes: KeyChanges, at now: Timestamp, in database: Database
    ) throws -> KeyRecord {
        try KeyBounds.check(
            name: changes.name, team: changes.team.applied(to: nil), models: changes.models.applied(to: nil))
        return try change(key, .updateKey, at: now, in: database) { record in
            guard record.revokedAt == nil else { throw LedgerError.keyRevoked(record.id) }
            if let name = changes.name, name != record.name { try checkName(name, of: record.id, in: database) }
            try write(changes, to: record, in: database)
        }
    }

    /// Writes `changes`, unless the key has these values already: a change that changes nothing makes no version.
    private func write(_ changes: KeyChanges, to record: KeyRecord, in database: Database) throws {
        var limits = record.limits.own
        for (kind, change) in changes.limits { limits[kind] = change.applied(to: limits[kind]) }
        let (name, tier) = (changes.name ?? record.name, changes.tier ?? record.tier)
        let (team, models) = (changes.team.applied(to: record.team), changes.models.applied(to: record.models))
        let expiresAt = changes.expiresAt.applied(to: record.expiresAt)
        guard
            (name, tier, team) != (record.name, record.tier, record.team)
                || (models, expiresAt, limits) != (record.models, record.expiresAt, record.limits.own)
        else { return }
        try database.execute(
            sql: """
                UPDATE keys SET name = ?, tier = ?, team = ?, models = ?, expires_at = ?, limits = ? WHERE id = ?
                """,
            arguments: [
                name, tier, team, KeyTable.text(models), expiresAt?.microseconds, KeyLimitsText.limits(limits),
                record.id,
            ])
    }

    private func checkTeam(of key: KeyRecord) throws {
        guard let team, !isVisible(key) else { return }
        throw LedgerError.otherTeam(allowed: team)
    }

    private func checkName(_ name: String, of id: String, in database: Database) throws {
        guard let holder = try KeyTable.holder(of: name, besides: id, in: database) else { return }
        let isKnown = try KeyTable.fetch(id: holder, from: database).map(isVisible) ?? false
        throw LedgerError.nameTaken(name, id: isKnown ? holder : nil)
    }

    /// Runs `body` on a key that must not be revoked, in one transaction.
    private func changeUnrevoked(
        _ key: String, _ action: AuditAction, at now: Timestamp, _ body: (KeyRecord, Database) throws -> Void
    ) throws(LedgerError) -> KeyRecord {
        try database.writing { database in
            try change(key, action, at: now, in: database) { record in
                guard record.revokedAt == nil else { throw LedgerError.keyRevoked(record.id) }
                try body(record, database)
            }
        }
    }

    /// Runs `body` on the key, and writes the members that it changed to the audit log.
    private func change(
        _ key: String, _ action: AuditAction, at now: Timestamp, in database: Database,
        _ body: (KeyRecord) throws -> Void
    ) throws -> KeyRecord {
        let before = try find(key, in: database)
        if let expectedVersion, before.version != expectedVersion { throw LedgerError.keyChanged(before.id) }
        try body(before)
        guard let after = try KeyTable.fetch(id: before.id, from: database) else {
            throw LedgerError.keyNotFound(before.id)
        }
        guard after.version != before.version else { return after }
        try checkTeam(of: after)
        let (old, new) = (AuditMembers(before), AuditMembers(after))
        try AuditTable.append(
            action, by: actor, at: now, subject: .init(id: after.id, name: after.name),
            before: old.differing(from: new), after: new.differing(from: old), to: database)
        return after
    }
}
