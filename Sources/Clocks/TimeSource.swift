import Bytes
import Glibc

/// The two clocks of the program. Code that needs the time gets a source as a parameter, so that tests can step it.
package protocol TimeSource: Sendable {
    /// The wall clock. The administrator or NTP can set it, forwards or back.
    var now: Timestamp { get }

    /// The monotonic clock, which cannot be set and never goes back. Use it for all durations and deadlines.
    var monotonic: MonotonicTime { get }
}

/// The system's clocks: `CLOCK_REALTIME` and `CLOCK_MONOTONIC`. One read of the vDSO each, no system call.
package struct SystemTime: TimeSource {
    package init() {}

    package var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(
            microseconds: Int64(time.tv_sec).multipliedSaturated(by: 1_000_000).addingSaturated(
                Int64(time.tv_nsec) / 1000))
    }

    package var monotonic: MonotonicTime { .now }
}

extension TimeSource where Self == SystemTime {
    /// The system's clocks.
    package static var system: SystemTime { SystemTime() }
}

extension Timestamp {
    /// The system's wall clock now.
    package static var now: Timestamp { SystemTime().now }
}
