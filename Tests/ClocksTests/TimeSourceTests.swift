import Glibc
import Testing

@testable import Clocks

@Suite struct TimeSourceTests {
    @Test func theSystemsWallClockIsCLOCK_REALTIME() {
        let before = time(nil)
        let now = (.system as SystemTime).now
        let after = time(nil)
        // time(2) may read a coarser clock, which is behind by a tick.
        #expect(now.seconds >= Int64(before))
        #expect(now.seconds <= Int64(after) + 1)
    }

    @Test func theSystemsMonotonicClockIsThatOfMonotonicTime() {
        let clock = SystemTime()
        let before = MonotonicTime.now
        let between = clock.monotonic
        let after = MonotonicTime.now
        #expect(before <= between)
        #expect(between <= after)
    }

    @Test func timestampsComeFromTheSameClock() {
        let before = SystemTime().now
        let now = Timestamp.now
        #expect(now >= before)
        #expect(now - before < .seconds(60))
    }
}
