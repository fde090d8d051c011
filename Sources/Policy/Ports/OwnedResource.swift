import Clocks

/// A file, batch, response or conversation at the upstream. All clients share one account there, so the gateway remembers the owner.
package struct OwnedResource: Sendable, Equatable {
    /// The kind of a resource.
    package enum Kind: String, Sendable, CaseIterable {
        /// A file, uploaded or written by a batch.
        case file
        /// A batch.
        case batch
        /// A response of the Responses API. It is forgotten with the rows of its age.
        case response
        /// A conversation of the Responses API.
        case conversation
    }

    /// The upstream's id of it, as `file-abc123`.
    package var id: String
    /// The kind.
    package var kind: Kind
    /// The public id of the key that made it.
    package var keyID: String
    /// The key's team at that time.
    package var team: String?
    /// The time at which it was made.
    package var createdAt: Timestamp
    /// The batch that wrote the file; nil for uploads.
    package var batchID: String?
    /// True for a batch whose usage is in the ledger. Files are never metered.
    package var isMetered = false
    /// The lines of a batch's input file; of a batch, each output with the bound that it was admitted with. Nil where they were
    /// not read.
    package var lines: BatchLines?

    /// A resource that was made just now.
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

    /// Returns true for the key that made it, and for every key of the team for which it was made.
    package func isVisible(to key: KeyRecord) -> Bool {
        keyID == key.id || (team != nil && team == key.team)
    }
}
