import Clocks

/// Why a key is refused.
package enum KeyRefusal: Error, Equatable, Sendable {
    /// No key has, or had, this secret.
    case unknown
    /// It ended at this time.
    case expired(Timestamp)
    /// It was revoked at this time.
    case revoked(Timestamp)
    /// It was replaced by a rotation whose grace ended at this time. To its caller the same as revoked.
    case rotated(Timestamp)
}

/// All keys at one time. Immutable: a change makes a new snapshot, and a request sees one from its beginning to its
/// end.
package struct KeySnapshot: Sendable {
    private struct Entry {
        let record: KeyRecord
        /// The end of the grace, where the digest is the predecessor's.
        let graceUntil: Timestamp?
    }

    /// The keys, in the order in which they were given.
    package let records: [KeyRecord]
    private let byDigest: [KeyDigest: Entry]
    private let byID: [String: KeyRecord]

    /// A snapshot without any key.
    package static let empty = KeySnapshot([])

    /// A snapshot of `records`, whose ids and digests are unique.
    package init(_ records: [KeyRecord]) {
        var byDigest: [KeyDigest: Entry] = [:]
        byDigest.reserveCapacity(records.count)
        for record in records {
            guard let predecessor = record.predecessor else { continue }
            byDigest[predecessor.digest] = Entry(record: record, graceUntil: predecessor.validUntil)
        }
        // After the predecessors: a secret that is somebody's own is never taken for an old one.
        for record in records { byDigest[record.digest] = Entry(record: record, graceUntil: nil) }
        self.records = records
        self.byDigest = byDigest
        byID = Dictionary(records.map { ($0.id, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// Whose key has the digest `digest`, at the time `now`.
    /// - Throws: `KeyRefusal` where there is no such key, or it is not valid any more. A revocation is told before an
    ///   expiry, and both before the end of a rotation's grace.
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
