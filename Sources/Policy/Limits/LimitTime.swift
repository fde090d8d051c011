/// A moment on the two clocks that limits need. Policy reads neither: whoever calls passes them in.
package struct LimitTime: Sendable, Equatable {
    /// The wall clock, which says what hour, day and month it is, and which somebody may set.
    package var wall: Timestamp
    /// Microseconds of a clock that nobody sets and that never goes back: how much of a minute has passed.
    package var steady: Int64

    /// A moment that is `wall` and `steady`.
    package init(wall: Timestamp, steady: Int64) {
        self.wall = wall
        self.steady = steady
    }
}
