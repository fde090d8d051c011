import SeededRandom
import Testing

@testable import Clocks

@Suite struct MonotonicTimeTests {
    private let moment = MonotonicTime(nanoseconds: 5)

    @Test func aDurationIsAddedToTheNanosecond() {
        #expect(moment + .nanoseconds(7) == MonotonicTime(nanoseconds: 12))
        #expect(moment + .seconds(2) == MonotonicTime(nanoseconds: 2_000_000_005))
        #expect(moment + .zero == moment)
    }

    @Test func aNegativeDurationCountsAsZero() {
        #expect(moment + .seconds(-1) == moment)
        #expect(moment + .nanoseconds(-1) == moment)
    }

    @Test func aSumThatDoesNotFitIsNever() {
        #expect(moment + .seconds(Int64.max) == .never)
        #expect(MonotonicTime.never + .zero == .never)
        #expect(MonotonicTime.never + .seconds(1) == .never)
        #expect(MonotonicTime(nanoseconds: .max - 1) + .nanoseconds(1) == .never)
    }

    @Test func aDifferenceIsNeverNegative() {
        #expect(MonotonicTime(nanoseconds: 9) - moment == .nanoseconds(4))
        #expect(moment - MonotonicTime(nanoseconds: 9) == .zero)
        #expect(moment - moment == .zero)
    }

    @Test func aDifferenceIsClamped() {
        #expect(MonotonicTime.never - MonotonicTime(nanoseconds: 0) == .nanoseconds(Int64.max))
    }

    @Test func theDifferenceUndoesTheSum() {
        var random = SeededGenerator(seed: 6)
        for _ in 0..<1000 {
            let start = MonotonicTime(nanoseconds: .random(in: 0...(1 << 60), using: &random))
            let duration = Duration.nanoseconds(Int64.random(in: 0...(1 << 60), using: &random))
            #expect((start + duration) - start == duration)
            #expect(start <= start + duration)
        }
    }

    @Test func theClockDoesNotGoBack() {
        var last = MonotonicTime.now
        for _ in 0..<1000 {
            let next = MonotonicTime.now
            #expect(next >= last)
            last = next
        }
    }
}
