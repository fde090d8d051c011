import Clocks

/// A moment on both clocks. Policy reads neither of them: the caller passes the moment.
package struct LimitTime: Sendable, Equatable {
    /// The wall clock, which says the hour, the day and the month. An administrator may set it, forwards or back.
    package var wall: Timestamp
    /// Microseconds of the monotonic clock, which never goes back. Limits per minute depend on it alone.
    package var monotonic: Int64

    /// The moment `wall` and `monotonic`.
    package init(wall: Timestamp, monotonic: Int64) {
        self.wall = wall
        self.monotonic = monotonic
    }

    /// The same moment of the monotonic clock.
    var moment: MonotonicTime {
        let (nanoseconds, tooLate) = UInt64(clamping: monotonic).multipliedReportingOverflow(by: 1000)
        return tooLate ? .never : MonotonicTime(nanoseconds: nanoseconds)
    }
}

extension TimeSource {
    /// The present moment on both clocks.
    package var limitTime: LimitTime {
        LimitTime(wall: now, monotonic: Int64(clamping: monotonic.nanoseconds / 1000))
    }
}
