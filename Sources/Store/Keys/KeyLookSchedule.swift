import Clocks

/// The moments at which the store is read for unknown keys: one read for all who wait, and a pause between two.
///
/// Without the pause a client with made-up keys could have the database read for each of its requests.
struct KeyLookSchedule {
    /// The least time between two reads: 50 reads of 20 µs a second.
    static let pause = Duration.milliseconds(20)

    private var last: MonotonicTime?
    private var isScheduled = false

    /// Returns the time until the read that the caller must start; nil where one is on its way.
    mutating func request(at now: MonotonicTime) -> Duration? {
        guard !isScheduled else { return nil }
        isScheduled = true
        guard let last, now < last + Self.pause else { return .zero }
        return last + Self.pause - now
    }

    /// Notes the begin of the read. Later requests need another one.
    mutating func begin(at now: MonotonicTime) {
        isScheduled = false
        last = now
    }
}
