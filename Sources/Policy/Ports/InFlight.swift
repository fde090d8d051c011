/// The journal's entry of a request in flight. Its owner ends it exactly once, with `UsageJournal.end`.
///
/// A forgotten entry stops a debug build. In a release build the request stays open in the journal, and becomes an interrupted
/// row at the next start.
package struct InFlight: ~Copyable, Sendable {
    /// The journal's number of the request.
    package let slot: Int

    /// The entry with the journal's number `slot`. For journals alone.
    package init(slot: Int) { self.slot = slot }

    /// Returns the number to the journal. For journals alone.
    package consuming func release() -> Int {
        let slot = slot
        discard self
        return slot
    }

    deinit { assertionFailure("a request in flight was forgotten: end it with UsageJournal.end") }
}
