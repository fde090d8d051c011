import Clocks

/// The reason to refuse a key.
package enum KeyRefusal: Error, Equatable, Sendable {
    /// No key has this secret.
    case unknown
    /// It expired at this time.
    case expired(Timestamp)
    /// It was revoked at this time.
    case revoked(Timestamp)
    /// A rotation replaced it, and the grace period ended at this time. The client sees no difference to a revoked key.
    case rotated(Timestamp)
}

/// All keys at one time. Immutable: a change makes a new snapshot, and a request uses the same one from start to end.
package struct KeySnapshot: Sendable {
    private struct Entry {
        let record: KeyRecord
        /// The end of the grace period, for the digest of a predecessor.
        let graceUntil: Timestamp?
    }

    /// The keys in their given order.
    package let records: [KeyRecord]
    private let byDigest: [KeyDigest: Entry]
    private let byID: [String: KeyRecord]

    /// A snapshot without keys.
    package static let empty = KeySnapshot([])

    /// A snapshot of `records`, whose ids and digests are unique.
    package init(_ records: [KeyRecord]) {
        var byDigest: [KeyDigest: Entry] = [:]
        byDigest.reserveCapacity(records.count)
        for record in records {
            for predecessor in record.predecessors {
                byDigest[predecessor.digest] = Entry(record: record, graceUntil: predecessor.validUntil)
            }
        }
        // After the predecessors: a current secret wins over an old one.
        for record in records { byDigest[record.digest] = Entry(record: record, graceUntil: nil) }
        self.records = records
        self.byDigest = byDigest
        byID = Dictionary(records.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// The valid key with the digest `digest` at `now`.
    ///
    /// - Throws: the reason why there is none. Revocation wins over expiry, and both over the end of a grace period.
    package func authenticate(_ digest: KeyDigest, at now: Timestamp) throws(KeyRefusal) -> KeyRecord {
        guard let entry = byDigest[digest] else { throw .unknown }
        let record = entry.record
        if let revokedAt = record.revokedAt { throw .revoked(revokedAt) }
        if let expiresAt = record.expiresAt, now >= expiresAt { throw .expired(expiresAt) }
        if let graceUntil = entry.graceUntil, now >= graceUntil { throw .rotated(graceUntil) }
        return record
    }

    /// The key with the public id `id`.
    package subscript(id: String) -> KeyRecord? { byID[id] }
}
