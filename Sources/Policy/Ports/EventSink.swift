/// Receives events. Called on the loops: an implementation does not block, and drops events rather than grow.
package protocol EventSink: Sendable {
    /// Keeps `event`.
    func report(_ event: Event)
}
