/// The sink's hold on a request that is under way. Whoever has it ends it, once, with `UsageJournal.end`.
///
/// One that is forgotten stops a debug build. A release build goes on: the request stays open in the journal, and becomes
/// an interrupted row at the next start.
package struct InFlight: ~Copyable, Sendable {
    /// The sink's own number of the request.
    package let slot: Int

    /// The hold on what the sink knows as `slot`. For sinks alone.
    package init(slot: Int) { self.slot = slot }

    /// Gives the hold back to the sink. For sinks alone.
    package consuming func release() -> Int {
        let slot = slot
        discard self
        return slot
    }

    deinit { assertionFailure("a request under way was forgotten: it has to be ended with UsageJournal.end") }
}

/// Takes the usage of requests from their beginning, so that the death of the process at any moment loses nothing of it.
/// Called from the loops: must not block.
package protocol UsageJournal: UsageSink {
    /// Notes that `record`'s request is about to go upstream; nil where there is no room, and then it must not go (503,
    /// store_unavailable).
    ///
    /// Whose the request is and what it asks for (id, key, team, user, tags, endpoint, models, start) stands from here on;
    /// `progress` and `end` change everything else.
    func begin(_ record: borrowing UsageRecord) -> InFlight?

    /// Notes what was seen of the answer until now. Costs a few stores. Should the process die, the row says this, as
    /// `interrupted`.
    func progress(_ entry: borrowing InFlight, _ progress: UsageProgress)

    /// Keeps `record`, the request's final one. It is safe against the death of the process when this returns: call it
    /// before the last byte of the answer goes out.
    func end(_ entry: consuming InFlight, _ record: UsageRecord)
}
