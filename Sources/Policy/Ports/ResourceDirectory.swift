import Clocks

/// Something that a caller has left at the upstream. All callers share one account there, so the gateway remembers whose it is.
package struct OwnedResource: Sendable, Equatable {
    /// What it is.
    package enum Kind: String, Sendable, CaseIterable {
        /// A file, uploaded or written by a batch.
        case file
        /// A batch.
        case batch
    }

    /// The upstream's id of it, as `file-abc123`.
    package var id: String
    /// What it is.
    package var kind: Kind
    /// The public id of the key that made it.
    package var keyID: String
    /// The key's team at that time.
    package var team: String?
    /// When it was made.
    package var createdAt: Timestamp
    /// The batch that has written the file; nil for what a caller has made.
    package var batchID: String?
    /// Whether the batch's usage is in the ledger. Files are never metered.
    package var isMetered = false

    /// An object that was made just now.
    package init(
        id: String, kind: Kind, keyID: String, team: String?, createdAt: Timestamp, batchID: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.keyID = keyID
        self.team = team
        self.createdAt = createdAt
        self.batchID = batchID
    }

    /// Whether the key `key` may see it: the key that made it, and every key of the team for which it was made.
    package func isVisible(to key: KeyRecord) -> Bool {
        keyID == key.id || (team != nil && team == key.team)
    }
}

/// The store cannot be read or written now: the caller is told so (503, store_unavailable).
package struct StoreUnavailable: Error, Equatable {
    /// A store that is out of reach.
    package init() {}
}

/// Knows who made which file and batch. Nothing of it blocks a loop: what takes the disk is awaited.
package protocol ResourceDirectory: Sendable {
    /// Those of the objects `ids` that were made through this gateway, by their ids.
    func objects(_ ids: [String]) async throws(StoreUnavailable) -> [String: OwnedResource]

    /// Remembers `object`. It is on the disk when this returns: call it before the answer that tells the caller its id has
    /// ended. One that is known already stays as it is.
    func add(_ object: OwnedResource) async throws(StoreUnavailable)

    /// Forgets the object `id`, which was deleted.
    func remove(_ id: String) async throws(StoreUnavailable)

    /// Puts the usage of the batch `id` into the ledger, once: `records` are one for each model, of the key that made the
    /// batch.
    /// - Returns: whether they are in the ledger now by this call; false where the batch was metered already or is not known.
    @discardableResult
    func meter(batch id: String, _ records: [UsageRecord]) async throws(StoreUnavailable) -> Bool
}
