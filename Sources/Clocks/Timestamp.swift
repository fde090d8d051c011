import Bytes

/// A moment of the wall clock: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
///
/// Code that decides something gets the time as a parameter and reads no clock.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var microseconds: Int64

    /// The moment `microseconds` after 1970-01-01T00:00:00Z.
    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// The moment `seconds` after 1970-01-01T00:00:00Z.
    package init(seconds: Int64) { self.microseconds = seconds.multipliedSaturated(by: 1_000_000) }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    package var seconds: Int64 { microseconds.flooredQuotient(by: 1_000_000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    /// The moment `duration` later, to the microsecond.
    package static func + (moment: Timestamp, duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(
            microseconds: moment.microseconds
                .addingSaturated(seconds.multipliedSaturated(by: 1_000_000))
                .addingSaturated(attoseconds / 1_000_000_000_000))
    }

    /// The time from `earlier` to this moment; negative if `earlier` is later.
    package static func - (moment: Timestamp, earlier: Timestamp) -> Duration {
        .microseconds(moment.microseconds.subtractingSaturated(earlier.microseconds))
    }
}
