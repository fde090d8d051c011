import SeededRandom
import Testing

@testable import Policy

@Suite struct RefusalPausesTests {
    private let second: Int64 = 1_000_000

    @Test func whoWaitsIsToldToWaitAsLongAgain() {
        var pauses = RefusalPauses()
        var now: Int64 = 5
        var told: [Int64] = []
        for _ in 0..<8 {
            let pause = pauses.pause(of: 3, at: now)
            told.append(pause / second)
            now += pause
        }
        #expect(told == [1, 1, 2, 4, 8, 16, 30, 30])
    }

    @Test func manyRefusalsAtOneTimeAreNoLongWait() {
        var pauses = RefusalPauses()
        for _ in 0..<100 { #expect(pauses.pause(of: 3, at: 7) == RefusalPauses.shortest) }
    }

    @Test func anAdmissionEndsIt() {
        var pauses = RefusalPauses()
        _ = pauses.pause(of: 3, at: 0)
        _ = pauses.pause(of: 4, at: 0)
        pauses.end(of: 3)
        #expect(pauses.pause(of: 3, at: 20 * second) == second)
        #expect(pauses.pause(of: 4, at: 20 * second) == 20 * second)
    }

    @Test func aLongSilenceEndsIt() {
        var pauses = RefusalPauses()
        _ = pauses.pause(of: 3, at: 0)
        #expect(pauses.pause(of: 3, at: 60 * second) == 30 * second)
        #expect(pauses.pause(of: 3, at: 121 * second) == second)
    }

    @Test func wildTimesKeepTheBounds() {
        var pauses = RefusalPauses()
        for now in [Int64.min, .max, 0, .max, .min, -1] {
            let pause = pauses.pause(of: 1, at: now)
            #expect((RefusalPauses.shortest...RefusalPauses.longest).contains(pause))
        }
    }
}
