import Glibc

/// A moment of `CLOCK_MONOTONIC`, in nanoseconds since the machine started. For deadlines and measurements, never for dates.
package struct MonotonicTime: Hashable, Comparable, Sendable {
    /// Nanoseconds since the clock's zero, a moment before the program started.
    package var nanoseconds: UInt64

    /// The moment `nanoseconds` after the clock's zero.
    @inlinable
    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// A moment that never comes: no deadline.
    @inlinable
    package static var never: MonotonicTime { MonotonicTime(nanoseconds: .max) }

    /// The present moment: one read of the vDSO, no system call.
    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment `duration` later; `never` if it does not fit. A negative duration counts as zero.
    package static func + (moment: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return moment }
        let (scaled, tooLong) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, tooLate) = moment.nanoseconds.addingReportingOverflow(scaled)
        guard !tooLong, !tooLate, sum < .max - 1_000_000_000 else { return .never }
        return MonotonicTime(nanoseconds: sum + UInt64(attoseconds / 1_000_000_000))
    }

    /// The moment `nanoseconds` later; `never` if it does not fit. Cheaper than a `Duration`, which has 128 bits: for what is
    /// computed for each piece of a stream.
    @inlinable
    package func after(nanoseconds: UInt64) -> MonotonicTime {
        let (sum, tooLate) = self.nanoseconds.addingReportingOverflow(nanoseconds)
        return tooLate ? .never : MonotonicTime(nanoseconds: sum)
    }

    /// The time from `earlier` to this moment; zero if `earlier` is later.
    package static func - (moment: MonotonicTime, earlier: MonotonicTime) -> Duration {
        moment > earlier ? .nanoseconds(Int64(clamping: moment.nanoseconds - earlier.nanoseconds)) : .zero
    }

    /// Whole microseconds from `earlier` to this moment; zero where it is not after it.
    @inlinable
    package func microseconds(since earlier: MonotonicTime) -> Int64 {
        nanoseconds > earlier.nanoseconds ? Int64(clamping: (nanoseconds - earlier.nanoseconds) / 1000) : 0
    }
}
