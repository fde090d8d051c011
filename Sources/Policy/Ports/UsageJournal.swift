/// The store of usage, for requests that go upstream: the death of the process at any moment loses no record.
///
/// Called on the loops: must not block.
package protocol UsageJournal: UsageSink {
    /// Opens an entry for a request that is about to go upstream; nil where there is no room, and then the request must be
    /// refused (503, store_unavailable).
    ///
    /// Id, key, team, user, tags, endpoint, models and start are final. `progress` and `end` change everything else.
    func begin(_ record: borrowing UsageRecord) -> InFlight?

    /// Notes the response so far, in a few stores to memory. If the process dies, the row says this, as `interrupted`.
    func progress(_ entry: borrowing InFlight, _ progress: UsageProgress)

    /// The response so far, as the row would have it if the process died now; nil where the entry cannot be read.
    func progress(of entry: borrowing InFlight) -> UsageProgress?

    /// Keeps the final `record` of the request. It survives the death of the process when this returns: call it before the last
    /// byte of the response is sent.
    func end(_ entry: consuming InFlight, _ record: UsageRecord)
}
