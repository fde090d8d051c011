import Clocks

/// The reason to refuse a key.
package enum KeyRefusal: Error, Equatable, Sendable {
    /// No key has this secret.
    case unknown
    /// It expired at this time.
    case expired(Timestamp)
    /// It was revoked at this time.
    case revoked(Timestamp)
    /// It was suspended at this time, and may work again.
    case suspended(Timestamp)
    /// A rotation replaced it, and the grace period ended at this time. The client sees no difference to a revoked key.
    case rotated(Timestamp)
}

/// All keys at one time. A value: a request uses the same one from start to end, whatever changes meanwhile.
///
/// Keys are spread over parts, so that a change copies one part in 256: with 500,000 keys a change takes 0.2 ms, and a
/// snapshot of before shares the other parts.
package struct KeySnapshot: Sendable {
    private struct Entry {
        let record: KeyRecord
        /// The end of the grace period, for the digest of a predecessor.
        let graceUntil: Timestamp?
    }

    private static let parts = 256

    private var byDigest = Array(repeating: [KeyDigest: Entry](), count: parts)
    private var byID = Array(repeating: [String: KeyRecord](), count: parts)

    /// A snapshot without keys.
    package static let empty = KeySnapshot([])

    /// A snapshot of `records`, whose ids and digests are unique.
    package init(_ records: some Sequence<KeyRecord>) {
        for record in records { update(record) }
    }

    /// Adds `record`, or replaces the key with its id.
    package mutating func update(_ record: KeyRecord) {
        let part = Self.part(ofID: record.id)
        if let before = byID[part].updateValue(record, forKey: record.id) { forgetDigests(of: before) }
        for predecessor in record.predecessors {
            insert(Entry(record: record, graceUntil: predecessor.validUntil), for: predecessor.digest)
        }
        insert(Entry(record: record, graceUntil: nil), for: record.digest)
    }

    /// Inserts `entry`. A current secret wins over an old one.
    private mutating func insert(_ entry: Entry, for digest: KeyDigest) {
        let part = digest.part(of: Self.parts)
        if entry.graceUntil != nil, let known = byDigest[part][digest], known.graceUntil == nil { return }
        byDigest[part][digest] = entry
    }

    private mutating func forgetDigests(of record: KeyRecord) {
        for digest in [record.digest] + record.predecessors.map(\.digest) {
            let part = digest.part(of: Self.parts)
            if byDigest[part][digest]?.record === record { byDigest[part][digest] = nil }
        }
    }

    private static func part(ofID id: String) -> Int {
        // The top bits: a dictionary uses the lower ones.
        Int(truncatingIfNeeded: UInt(bitPattern: id.hashValue) >> 56) & (parts - 1)
    }

    /// The valid key with the digest `digest` at `now`.
    ///
    /// - Throws: the reason why there is none. Revocation wins over expiry, this over suspension, and all over a grace period.
    package func authenticate(_ digest: KeyDigest, at now: Timestamp) throws(KeyRefusal) -> KeyRecord {
        guard let entry = byDigest[digest.part(of: Self.parts)][digest] else { throw .unknown }
        let record = entry.record
        if let revokedAt = record.revokedAt { throw .revoked(revokedAt) }
        if let expiresAt = record.expiresAt, now >= expiresAt { throw .expired(expiresAt) }
        if let suspendedAt = record.suspendedAt { throw .suspended(suspendedAt) }
        if let graceUntil = entry.graceUntil, now >= graceUntil { throw .rotated(graceUntil) }
        return record
    }

    /// The key with the public id `id`.
    package subscript(id: String) -> KeyRecord? { byID[Self.part(ofID: id)][id] }

    /// Is true without any key.
    package var isEmpty: Bool { byID.allSatisfy(\.isEmpty) }

    /// All keys, in no order.
    package var unordered: some Sequence<KeyRecord> { byID.lazy.flatMap(\.values) }

    /// All keys, the oldest first. Sorts them: for reports, not for requests.
    package var records: [KeyRecord] { unordered.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) } }
}
