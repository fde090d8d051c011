import Bytes
import Clocks
import Foundation
import GRDB
import Policy

/// The table `keys`.
enum KeyTable {
    /// The state of the table: each change of a key counts.
    struct Version: Sendable {
        /// The changes so far. The column `change` of a key has the count after its last change.
        var changes: Int64
        /// The count after the last removal of a row, which leaves no trace else.
        var lastRemoval: Int64
    }

    /// Reads the state.
    static func version(_ database: Database) throws -> Version {
        let statement = try database.cachedStatement(sql: "SELECT version, last_removal FROM keys_version")
        guard let row = try Row.fetchOne(statement) else { return Version(changes: 0, lastRemoval: 0) }
        return Version(changes: row[0], lastRemoval: row[1])
    }

    /// Reads all keys, the oldest first.
    static func fetchAll(_ database: Database) throws -> [KeyRecord] {
        // One row at a time: an array of all rows takes as much memory as all keys.
        try Array(Row.fetchCursor(database, sql: "SELECT * FROM keys ORDER BY created_at, id").map(record))
    }

    /// Reads the keys that have changed after `change`.
    static func fetch(changedAfter change: Int64, from database: Database) throws -> [KeyRecord] {
        let statement = try database.cachedStatement(sql: "SELECT * FROM keys WHERE change > ?")
        return try Row.fetchAll(statement, arguments: [change]).map(record)
    }

    /// Reads the keys with this name, the oldest first.
    static func fetch(name: String, from database: Database) throws -> [KeyRecord] {
        try Row.fetchAll(
            database, sql: "SELECT * FROM keys WHERE name = ? ORDER BY created_at, id", arguments: [name]
        ).map(record)
    }

    /// Reads the key `id`.
    static func fetch(id: String, from database: Database) throws -> KeyRecord? {
        try Row.fetchOne(database, sql: "SELECT * FROM keys WHERE id = ?", arguments: [id]).map(record)
    }

    /// Reads at most `limit` keys of `selection` after the key `last`, the oldest first.
    static func fetch(
        _ selection: KeySelection, after last: KeySelection.Place?, limit: Int, from database: Database
    ) throws -> [KeyRecord] {
        let condition = selection.condition(after: last)
        return try Row.fetchAll(
            database, sql: "SELECT * FROM keys WHERE \(condition.sql) ORDER BY created_at, id LIMIT ?",
            arguments: condition.arguments + [limit]
        ).map(record)
    }

    /// The id of a key other than `id` that is not revoked and is called `name`, or whose id is `name`.
    static func holder(of name: String, besides id: String, in database: Database) throws -> String? {
        try String.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT id FROM keys WHERE name = :name AND revoked_at IS NULL AND id <> :id
                    UNION ALL SELECT id FROM keys WHERE id = :name AND id <> :id LIMIT 1
                    """), arguments: ["name": name, "id": id])
    }

    static func insert(_ record: KeyRecord, into database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO keys (id, name, tier, team, models, created_at, expires_at, revoked_at, suspended_at,
                    limits, grants, digest, predecessors) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                record.id, record.name, record.tier, record.team, text(record.models),
                record.createdAt.microseconds, record.expiresAt?.microseconds, record.revokedAt?.microseconds,
                record.suspendedAt?.microseconds, KeyLimitsText.limits(record.limits.own),
                KeyLimitsText.grants(record.limits.grants), data(record.digest), text(record.predecessors),
            ])
    }

    static func data(_ digest: KeyDigest) -> Data { Data(digest.bytes) }

    /// Encodes patterns as a JSON array, which other programs can read too.
    static func text(_ models: [String]?) throws -> String? {
        try models.map { String(decoding: try JSONEncoder().encode($0), as: UTF8.self) }
    }

    /// A predecessor in the column `predecessors`.
    private struct StoredPredecessor: Codable {
        /// In hexadecimal digits.
        let digest: String
        /// Microseconds since 1970.
        let until: Int64
    }

    /// Encodes predecessors as a JSON array; nil for none.
    static func text(_ predecessors: [KeyRecord.Predecessor]) throws -> String? {
        guard !predecessors.isEmpty else { return nil }
        let stored = predecessors.map {
            StoredPredecessor(digest: Hexadecimal.text($0.digest.bytes), until: $0.validUntil.microseconds)
        }
        return String(decoding: try JSONEncoder().encode(stored), as: UTF8.self)
    }

    private static func record(_ row: Row) throws -> KeyRecord {
        let id: String = row["id"]
        return KeyRecord(
            id: id, name: row["name"], tier: row["tier"], team: row["team"],
            models: try (row["models"] as String?).map { try JSONDecoder().decode([String].self, from: Data($0.utf8)) },
            createdAt: Timestamp(microseconds: row["created_at"]),
            expiresAt: (row["expires_at"] as Int64?).map(Timestamp.init(microseconds:)),
            revokedAt: (row["revoked_at"] as Int64?).map(Timestamp.init(microseconds:)),
            suspendedAt: (row["suspended_at"] as Int64?).map(Timestamp.init(microseconds:)),
            limits: KeyLimits(
                own: try KeyLimitsText.limits(row["limits"], of: id),
                grants: try KeyLimitsText.grants(row["grants"], of: id)),
            digest: try digest(row["digest"], of: id),
            predecessors: try predecessors(row["predecessors"], of: id), version: row["change"])
    }

    private static func predecessors(_ text: String?, of id: String) throws -> [KeyRecord.Predecessor] {
        guard let text else { return [] }
        return try JSONDecoder().decode([StoredPredecessor].self, from: Data(text.utf8)).map { stored in
            KeyRecord.Predecessor(
                digest: try digest(bytes(stored.digest), of: id),
                validUntil: Timestamp(microseconds: stored.until))
        }
    }

    /// The bytes of hexadecimal digits; fewer where another character is among them.
    private static func bytes(_ digits: String) -> Data {
        let values = digits.utf8.compactMap(Hexadecimal.value)
        return Data(
            stride(from: 0, to: values.count - values.count % 2, by: 2).map { values[$0] << 4 | values[$0 + 1] })
    }

    private static func digest(_ data: Data, of id: String) throws -> KeyDigest {
        guard let digest = KeyDigest(bytes: [UInt8](data)) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the digest of key \(id) is not 32 bytes long")
        }
        return digest
    }
}
