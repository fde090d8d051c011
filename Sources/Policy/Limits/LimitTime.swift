import Clocks

/// A moment on the two clocks that limits need. Policy reads neither: whoever calls passes them in.
package struct LimitTime: Sendable, Equatable {
    /// The wall clock, which says what hour, day and month it is, and which somebody may set.
    package var wall: Timestamp
    /// Microseconds of a clock that nobody sets and that never goes back: how much of a minute has passed.
    package var monotonic: Int64

    /// A moment that is `wall` and `monotonic`.
    package init(wall: Timestamp, monotonic: Int64) {
        self.wall = wall
        self.monotonic = monotonic
    }
}

extension TimeSource {
    /// The present moment on both clocks.
    package var limitTime: LimitTime {
        LimitTime(wall: now, monotonic: Int64(clamping: monotonic.nanoseconds / 1000))
    }
}
