/// The store cannot be read or written now. The client gets 503, store_unavailable.
package struct StoreUnavailable: Error, Equatable {
    /// The error of a store that is out of reach.
    package init() {}
}

/// The store of files, batches, responses and conversations with their owners. Disk access is awaited: no call blocks a loop.
package protocol ResourceDirectory: Sendable {
    /// The resources among `ids` that were made through this gateway, by id.
    func objects(_ ids: [String]) async throws(StoreUnavailable) -> [String: OwnedResource]

    /// Stores `object` on the disk. Call it before the end of the response that has its id. A known resource is not changed.
    func add(_ object: OwnedResource) async throws(StoreUnavailable)

    /// Notes the lines of the file `id`, which were read later than it was uploaded.
    func setLines(_ lines: BatchLines, ofFile id: String) async throws(StoreUnavailable)

    /// The batches that are not in the ledger yet, the oldest first.
    func openBatches() async throws(StoreUnavailable) -> [OwnedResource]

    /// Removes the resource `id`, which was deleted.
    func remove(_ id: String) async throws(StoreUnavailable)

    /// Writes the usage of the batch `id` into the ledger, once: one record for each model, of the key that made the batch.
    ///
    /// - Returns: true where this call wrote them; false where the batch is unknown or was metered before.
    @discardableResult
    func meter(batch id: String, _ records: [UsageRecord]) async throws(StoreUnavailable) -> Bool
}
