import Clocks
import ManualTime
import Synchronization
import Testing

@Suite struct ManualTimeTests {
    @Test func itStandsStill() {
        let clock = ManualTime()
        let (wall, monotonic) = (clock.now, clock.monotonic)
        for _ in 0..<1000 {
            #expect(clock.now == wall)
            #expect(clock.monotonic == monotonic)
        }
    }

    @Test func advancingMovesBothClocks() {
        let clock = ManualTime(wall: Timestamp(seconds: 100), monotonic: MonotonicTime(nanoseconds: 5))
        clock.advance(by: .seconds(3) + .nanoseconds(7000))
        #expect(clock.now == Timestamp(microseconds: 103_000_007))
        #expect(clock.monotonic == MonotonicTime(nanoseconds: 3_000_007_005))
    }

    @Test func aNegativeDurationMovesTheWallClockAlone() {
        let clock = ManualTime(wall: Timestamp(seconds: 100), monotonic: MonotonicTime(nanoseconds: 5))
        clock.advance(by: .seconds(-40))
        #expect(clock.now == Timestamp(seconds: 60))
        #expect(clock.monotonic == MonotonicTime(nanoseconds: 5))
    }

    @Test func theWallClockIsSetAlone() {
        let clock = ManualTime(monotonic: MonotonicTime(nanoseconds: 5))
        clock.setWall(Timestamp(seconds: 1))
        #expect(clock.now == Timestamp(seconds: 1))
        #expect(clock.monotonic == MonotonicTime(nanoseconds: 5))
    }

    @Test func everyStepIsAnnouncedAfterItWasMade() {
        let clock = ManualTime(monotonic: MonotonicTime(nanoseconds: 0))
        let seen = Mutex<[UInt64]>([])
        for _ in 0..<2 { clock.onStep { seen.withLock { $0.append(clock.monotonic.nanoseconds) } } }
        clock.advance(by: .nanoseconds(1))
        clock.advance(by: .nanoseconds(2))
        clock.setWall(Timestamp(seconds: 1))
        #expect(seen.withLock { $0 } == [1, 1, 3, 3, 3, 3])
    }
}
