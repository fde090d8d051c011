import Clocks
import Synchronization

/// The facts about a key: owner, rights and validity. It has the SHA-256 of the secret, not the secret itself.
///
/// Immutable, so that every loop can hold it; a change makes a new record. The one exception are the limiter's two hints, which
/// change no fact.
package final class KeyRecord: Sendable {
    /// A secret that a rotation replaced.
    package struct Predecessor: Sendable, Equatable {
        /// The digest of the key with the old secret.
        package let digest: KeyDigest
        /// The end of the grace period. The old secret is refused from then on.
        package let validUntil: Timestamp

        /// A predecessor with these facts.
        package init(digest: KeyDigest, validUntil: Timestamp) {
            self.digest = digest
            self.validUntil = validUntil
        }
    }

    /// The index of the key's usage in the limiter's `ScopeTable`, as last seen.
    ///
    /// A hint: the limiter compares the name at the index before it uses it, so that any number is safe. It saves a search by
    /// text for each request. The hints come first, so that they share a cache line with the id.
    let scopeHint = Atomic<Int>(0)
    /// The same for the key's team.
    let teamScopeHint = Atomic<Int>(0)
    /// The public id; a rotation keeps it.
    package let id: String
    /// The name of its tier, which may be gone from the configuration.
    package let tier: String
    /// The team that its usage counts for.
    package let team: String?
    /// Its own limits, and grants.
    package let limits: KeyLimits
    /// The owner's name for it.
    package let name: String
    /// Patterns (see `NamePattern`) that narrow the models of the tier; nil for all of them.
    package let models: [String]?
    /// The time of its creation.
    package let createdAt: Timestamp
    /// The time from which on it is refused; nil for never.
    package let expiresAt: Timestamp?
    /// The time of its revocation. A key that has one is refused at any time.
    package let revokedAt: Timestamp?
    /// The time of its suspension; nil for a key that is not suspended.
    package let suspendedAt: Timestamp?
    /// The digest of the key.
    package let digest: KeyDigest
    /// The secrets that rotations have replaced, the first one first. Each works until its own end.
    package let predecessors: [Predecessor]
    /// The number of the key's last change in the store, for those who change what they have read; 0 for a key that is not
    /// stored. Equal keys may have different ones.
    package let version: Int64
    /// `models`, parsed.
    let modelPatterns: [NamePattern]?

    /// A key with these facts, which are explained at the properties.
    package init(
        id: String, name: String, tier: String, team: String? = nil, models: [String]? = nil, createdAt: Timestamp,
        expiresAt: Timestamp? = nil, revokedAt: Timestamp? = nil, suspendedAt: Timestamp? = nil,
        limits: KeyLimits = KeyLimits(), digest: KeyDigest, predecessors: [Predecessor] = [], version: Int64 = 0
    ) {
        self.id = id
        self.name = name
        self.tier = tier
        self.team = team
        self.models = models
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.suspendedAt = suspendedAt
        self.limits = limits
        self.digest = digest
        self.predecessors = predecessors
        self.version = version
        modelPatterns = models?.map(NamePattern.init)
    }
}

extension KeyRecord: Equatable {
    package static func == (left: KeyRecord, right: KeyRecord) -> Bool {
        left.id == right.id && left.name == right.name && left.tier == right.tier && left.team == right.team
            && left.models == right.models && left.createdAt == right.createdAt && left.expiresAt == right.expiresAt
            && left.revokedAt == right.revokedAt && left.suspendedAt == right.suspendedAt
            && left.limits == right.limits && left.digest == right.digest && left.predecessors == right.predecessors
    }
}
