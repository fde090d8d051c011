import Clocks
import SeededRandom
import Testing

@testable import Policy

@Suite struct WallClockFollowerTests {
    private func moment(_ wall: Int64, _ monotonic: Int64) -> LimitTime {
        LimitTime(wall: Timestamp(microseconds: wall), monotonic: monotonic)
    }

    @Test func timeThatPassesIsNoStep() {
        let follower = WallClockFollower(at: moment(1000, 10))
        #expect(follower.wall(at: 400_000_010) == Timestamp(microseconds: 400_001_000))
        #expect(follower.step(at: moment(400_001_000, 400_000_010)) == nil)
    }

    @Test(arguments: [250_001, 3_600_000_000, 400 * 86_400_000_000] as [Int64])
    func aClockThatIsSetIsAStepInBothDirections(size: Int64) {
        var follower = WallClockFollower(at: moment(1 << 50, 10))
        #expect(follower.step(at: moment((1 << 50) + size + 90, 100)) == .microseconds(size))
        #expect(follower.step(at: moment((1 << 50) - size + 90, 100)) == .microseconds(-size))
        follower.adopt(moment((1 << 50) - size + 90, 100))
        #expect(follower.step(at: moment((1 << 50) - size + 95, 105)) == nil)
        #expect(follower.wall(at: 100) == Timestamp(microseconds: (1 << 50) - size + 90))
    }

    @Test func smallDeviationsAddUpToAStep() {
        let follower = WallClockFollower(at: moment(0, 0))
        #expect(follower.step(at: moment(200_000, 0)) == nil)
        #expect(follower.step(at: moment(400_000, 0)) == .milliseconds(400))
    }

    @Test func wildClocksDoNotTrap() {
        for wall in [Int64.min, -1, 0, .max] {
            for monotonic in [Int64.min, 0, .max] {
                var follower = WallClockFollower(at: moment(wall, monotonic))
                _ = follower.wall(at: .max)
                _ = follower.wall(at: .min)
                _ = follower.step(at: moment(.max, .min))
                follower.adopt(moment(.min, .max))
                _ = follower.step(at: moment(wall, monotonic))
            }
        }
    }
}
