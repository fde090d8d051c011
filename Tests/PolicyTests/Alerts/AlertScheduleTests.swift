import Clocks
import Testing

@testable import Policy

@Suite struct AlertScheduleTests {
    private let schedule = AlertSchedule()

    private func seconds(_ failures: Int64, chance: Double = 0.5, wished: Duration? = nil) -> Int64 {
        schedule.pause(after: failures, chance: chance, wished: wished).components.seconds
    }

    @Test func pausesGrowToTwoHours() {
        #expect([1, 2, 3, 4, 5, 1000, .max].map { seconds($0) } == [5, 300, 1800, 7200, 7200, 7200, 7200])
        // Counts that no queue has.
        #expect([0, -1, .min].map { seconds($0) } == [5, 5, 5])
    }

    @Test func pausesDifferByAFifthAtMost() {
        #expect([0, 0.25, 0.5, 1].map { seconds(2, chance: $0) } == [240, 270, 300, 360])
        #expect([-7, 7].map { seconds(2, chance: $0) } == [240, 360])
    }

    @Test func aLongerWishIsGranted() {
        #expect(seconds(1, wished: .seconds(60)) == 60)
        #expect(seconds(4, wished: .seconds(60)) == 7200)
    }

    @Test func withoutPausesThePollIsThePause() {
        var schedule = schedule
        schedule.pauses = []
        #expect(schedule.pause(after: 9, chance: 0.5, wished: nil) == .seconds(1))
    }

    @Test func anAlertIsGivenUpAfterThreeDays() {
        let at = Timestamp(seconds: 1_800_000_000)
        #expect(!schedule.isGivenUp(at, at: at + .seconds(259_199)))
        #expect(schedule.isGivenUp(at, at: at + .seconds(259_200)))
        // A clock that was set back, and times that no clock has.
        #expect(!schedule.isGivenUp(at, at: at + .seconds(-5)))
        #expect(!schedule.isGivenUp(Timestamp(microseconds: .max), at: Timestamp(microseconds: .min)))
        #expect(schedule.isGivenUp(Timestamp(microseconds: .min), at: Timestamp(microseconds: .max)))
    }
}
