import SeededRandom
import Testing

@testable import Clocks

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, 0), (1, 0), (999_999, 0), (1_000_000, 1), (1_999_999, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2),
        ] as [(Int64, Int64)])
    func secondsAreRoundedDown(microseconds: Int64, seconds: Int64) {
        #expect(Timestamp(microseconds: microseconds).seconds == seconds)
    }

    @Test func addingADurationKeepsMicroseconds() {
        let moment = Timestamp(seconds: 10)
        #expect(moment + .microseconds(1) == Timestamp(microseconds: 10_000_001))
        #expect(moment + .seconds(86_400) == Timestamp(seconds: 86_410))
        #expect(moment + .nanoseconds(999) == moment)
        #expect(moment + .milliseconds(-1500) == Timestamp(microseconds: 8_500_000))
    }

    @Test func differenceUndoesAddition() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<1000 {
            let moment = Timestamp(microseconds: .random(in: -1_000_000_000_000...2_000_000_000_000, using: &generator))
            let duration = Duration.microseconds(Int64.random(in: -1_000_000_000...1_000_000_000, using: &generator))
            #expect((moment + duration) - moment == duration)
            #expect((moment < moment + duration) == (duration > .zero))
        }
    }

    @Test func sumsAndDifferencesAreClamped() {
        let last = Timestamp(microseconds: .max)
        let first = Timestamp(microseconds: .min)
        #expect(last + .seconds(1) == last)
        #expect(first + .seconds(-1) == first)
        #expect(Timestamp(seconds: 0) + .seconds(Int64.max) == last)
        #expect(Timestamp(seconds: .max) == last)
        #expect(last - first == .microseconds(Int64.max))
        #expect(first - last == .microseconds(Int64.min))
    }
}
