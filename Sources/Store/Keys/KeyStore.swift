import Clocks
import GRDB
import Policy

/// The keys in the ledger's database, as one actor sees and changes them.
///
/// A gateway sees a change at the next request with an unknown key, within half a second otherwise (`KeyCache`). Calls block
/// for a transaction: do not make them on an event loop. Of a secret the database holds the SHA-256. Each change is in the
/// audit log, by its transaction.
package struct KeyStore: Sendable {
    let database: LedgerDatabase
    let actor: AuditActor
    let team: String?
    let expectedVersion: Int64?

    /// The keys of `database`, which `actor` sees and changes.
    ///
    /// - Parameters:
    ///   - team: the only team whose keys exist for the actor; nil for all keys.
    ///   - version: the `KeyRecord.version` of the key that the actor has read. A change of another one fails; nil for any.
    package init(
        _ database: LedgerDatabase, by actor: AuditActor, team: String? = nil, expecting version: Int64? = nil
    ) {
        self.database = database
        self.actor = actor
        self.team = team
        expectedVersion = version
    }

    /// Reads the keys of `selection`, with the revoked and expired ones, the oldest first.
    package func list(_ selection: KeySelection = KeySelection()) throws(LedgerError) -> [KeyRecord] {
        try page(selection, after: nil, limit: .max)
    }

    /// Reads at most `limit` keys of `selection` after the place `last`, the oldest first.
    package func page(
        _ selection: KeySelection, after last: KeySelection.Place?, limit: Int
    ) throws(LedgerError) -> [KeyRecord] {
        var visible = selection
        visible.team = team ?? selection.team
        guard selection.team == nil || visible.team == selection.team else { return [] }
        return try database.reading { [visible] in try KeyTable.fetch(visible, after: last, limit: limit, from: $0) }
    }

    /// Finds a key by its id, otherwise by its name. Of several keys with the name it takes the only one not revoked.
    /// - Throws: `LedgerError.keyNotFound`, `LedgerError.ambiguousKeyName`.
    package func find(_ idOrName: String) throws(LedgerError) -> KeyRecord {
        try database.reading { try find(idOrName, in: $0) }
    }

    /// The same in a transaction.
    func find(_ idOrName: String, in database: Database) throws -> KeyRecord {
        if let record = try KeyTable.fetch(id: idOrName, from: database), isVisible(record) { return record }
        let named = try KeyTable.fetch(name: idOrName, from: database).filter(isVisible)
        let usable = named.filter { $0.revokedAt == nil }
        let candidates = usable.isEmpty ? named : usable
        guard let record = candidates.first else { throw LedgerError.keyNotFound(idOrName) }
        guard candidates.count == 1 else {
            throw LedgerError.ambiguousKeyName(idOrName, ids: candidates.map(\.id))
        }
        return record
    }

    /// Returns true for a key that exists for the actor.
    func isVisible(_ key: KeyRecord) -> Bool { team == nil || key.team == team }
}
