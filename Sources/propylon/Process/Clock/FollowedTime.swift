import Clocks
import Policy
import Synchronization

/// The clocks of the gateway: the wall clock passes as the monotonic clock does, and is set by `adopt` alone.
///
/// So rows, limits and logs change to a new time together, after `ClockWatch` has prepared it.
final class FollowedTime: TimeSource {
    private let source: any TimeSource
    /// The offset of the `WallClockFollower`.
    private let offset: Atomic<Int64>

    /// Follows the clocks of `source`.
    init(_ source: any TimeSource) {
        self.source = source
        offset = Atomic(WallClockFollower(at: Self.reading(of: source) ?? source.limitTime).offset)
    }

    var monotonic: MonotonicTime { source.monotonic }

    var now: Timestamp { follower.wall(at: Int64(clamping: monotonic.nanoseconds / 1000)) }

    /// The step of the source's wall clock that has not been adopted, and the moment after it.
    var step: (size: Duration, now: LimitTime)? {
        guard let now = Self.reading(of: source), let size = follower.step(at: now) else { return nil }
        return (size, now)
    }

    /// Continues from the wall clock of `now`.
    func adopt(_ now: LimitTime) { offset.store(WallClockFollower(at: now).offset, ordering: .relaxed) }

    private var follower: WallClockFollower { WallClockFollower(offset: offset.load(ordering: .relaxed)) }

    /// Both clocks at one moment. Returns nil where the thread was stopped between them each time.
    private static func reading(of source: any TimeSource) -> LimitTime? {
        for _ in 0..<5 {
            let before = source.monotonic
            let wall = source.now
            if source.monotonic - before < .milliseconds(20) {
                return LimitTime(wall: wall, monotonic: Int64(clamping: before.nanoseconds / 1000))
            }
        }
        return nil
    }
}
