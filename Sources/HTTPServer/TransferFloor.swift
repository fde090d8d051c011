import Clocks

/// Slowest rate at which a client may send, over all of what it sends.
///
/// Timeouts without progress bound a silent client alone: one byte a minute is progress too.
struct TransferFloor: Sendable {
    /// Time before the rate counts.
    let grace: Duration
    /// Bytes a second that have to come on average after the grace.
    let bytesPerSecond: Int
    /// Longest time at any rate; nil for none.
    var most: Duration?

    /// Rest of a body or of input that is not wanted: dropped for two seconds, and for ten from a client that still sends a
    /// large body fast. Until then the client has not read the response.
    static let discarding = TransferFloor(grace: .seconds(2), bytesPerSecond: 1 << 20, most: .seconds(10))

    /// Time at which a transfer that began at `start`, and moved `bytes` since, is too slow.
    func deadline(from start: MonotonicTime, after bytes: Int) -> MonotonicTime {
        // Whole seconds, so that no product can overflow; at most a century.
        let allowed = grace + .seconds(min(bytes / bytesPerSecond, 1 << 32))
        return start + (most.map { min($0, allowed) } ?? allowed)
    }
}
