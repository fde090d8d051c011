import Bytes
import Clocks

/// Wall time that only passes: the wall clock at one moment, carried on by the monotonic clock.
///
/// An administrator, NTP or a resumed machine may set the wall clock to any time. The monotonic clock does not follow, so the
/// distance between both tells a step from the passage of time. The follower keeps to the time from before the step, until
/// its owner has prepared everything for the new one and adopts it.
package struct WallClockFollower: Sendable, Equatable {
    /// A larger deviation is a step. Smaller ones add up until they are one.
    package static let tolerance = Duration.milliseconds(250)

    /// Microseconds from the monotonic clock to the wall clock.
    package private(set) var offset: Int64

    /// Follows the wall clock of `now`.
    package init(at now: LimitTime) { offset = Self.offset(at: now) }

    /// Follows a wall clock that is `offset` microseconds ahead of the monotonic one.
    package init(offset: Int64) { self.offset = offset }

    /// The wall time at `monotonic`, in microseconds.
    package func wall(at monotonic: Int64) -> Timestamp { Timestamp(microseconds: monotonic.addingSaturated(offset)) }

    /// The size of the step between this time and the wall clock of `now`; negative for a clock that was set back. Returns
    /// nil within the tolerance.
    package func step(at now: LimitTime) -> Duration? {
        let step = now.wall - wall(at: now.monotonic)
        return step > Self.tolerance || step < .zero - Self.tolerance ? step : nil
    }

    /// Continues from the wall clock of `now`.
    package mutating func adopt(_ now: LimitTime) { offset = Self.offset(at: now) }

    private static func offset(at now: LimitTime) -> Int64 {
        now.wall.microseconds.subtractingSaturated(now.monotonic)
    }
}
