import Clocks
import Synchronization

/// A key as the gateway knows it: whose it is, what it may do, how long. Without its secret, of which only the SHA-256
/// is known. Immutable, so that every loop can hold it; a change makes a new record.
package final class KeyRecord: Sendable {
    /// The secret that a rotation replaced.
    package struct Predecessor: Sendable, Equatable {
        /// The digest of the key with the old secret.
        package let digest: KeyDigest
        /// The end of the grace, from which on the old secret is refused.
        package let validUntil: Timestamp

        /// The old secret's `digest`, good before `validUntil`.
        package init(digest: KeyDigest, validUntil: Timestamp) {
            self.digest = digest
            self.validUntil = validUntil
        }
    }

    /// The public id; a rotation keeps it.
    package let id: String
    /// What its owner calls it.
    package let name: String
    /// The name of its tier, which may have gone from the configuration since.
    package let tier: String
    /// The team for which its usage counts.
    package let team: String?
    /// Patterns (see `NamePattern`) of the models it may use, of those that the tier allows; nil for all of these.
    package let models: [String]?
    /// When it was made.
    package let createdAt: Timestamp
    /// From when on it is refused; nil for never.
    package let expiresAt: Timestamp?
    /// When it was revoked; a key that has this is refused, whatever the clock says.
    package let revokedAt: Timestamp?
    /// The digest of the key.
    package let digest: KeyDigest
    /// What its last rotation replaced.
    package let predecessor: Predecessor?
    /// `models`, ready to be matched.
    let modelPatterns: [NamePattern]?
    /// Where a limiter keeps what the key and its team have used: hints, which it checks. They spare it two searches for each
    /// request.
    let place = Atomic<Int>(0)
    let teamPlace = Atomic<Int>(0)

    /// A key of these facts; each is explained at its property.
    package init(
        id: String, name: String, tier: String, team: String? = nil, models: [String]? = nil, createdAt: Timestamp,
        expiresAt: Timestamp? = nil, revokedAt: Timestamp? = nil, digest: KeyDigest, predecessor: Predecessor? = nil
    ) {
        self.id = id
        self.name = name
        self.tier = tier
        self.team = team
        self.models = models
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.digest = digest
        self.predecessor = predecessor
        modelPatterns = models?.map(NamePattern.init)
    }
}

extension KeyRecord: Equatable {
    package static func == (left: KeyRecord, right: KeyRecord) -> Bool {
        left.id == right.id && left.name == right.name && left.tier == right.tier && left.team == right.team
            && left.models == right.models && left.createdAt == right.createdAt && left.expiresAt == right.expiresAt
            && left.revokedAt == right.revokedAt && left.digest == right.digest && left.predecessor == right.predecessor
    }
}
