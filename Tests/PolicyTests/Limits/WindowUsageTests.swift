import SeededRandom
import Testing

@testable import Policy

@Suite struct WindowUsageTests {
    private func usage(in window: Int32 = 1) -> WindowUsage {
        var usage = WindowUsage()
        usage.enter(window, reserved: 0)
        return usage
    }

    @Test func usageReplacesTheReservation() {
        var usage = usage()
        usage.reserve(100, madeIn: 1)
        #expect(usage.taken == 100)
        usage.settle(100, used: 30, madeIn: 1)
        #expect(usage.used == 30)
        #expect(usage.reserved == 0)
    }

    @Test func aNewWindowStartsFromZero() {
        var usage = usage()
        usage.add(5)
        usage.reserve(7, madeIn: 1)
        usage.enter(2, reserved: 0)
        #expect(usage.taken == 0)
        #expect(usage.number == 2)
    }

    @Test func aWindowThatIsReadAgainKeepsItsReservations() {
        var usage = usage()
        usage.add(100)
        usage.reserve(7, madeIn: 1)
        #expect(usage.alert(limit: 100, thresholds: [100]) == 100)
        usage.forgetUsage()
        #expect(usage.used == 0)
        #expect(usage.reserved == 7)
        usage.add(100)
        #expect(usage.alert(limit: 100, thresholds: [100]) == 100)
    }

    @Test func requestsInFlightHoldTheirPartOfAWindowThatComesBack() {
        var usage = usage()
        usage.enter(2, reserved: 9)
        usage.settle(9, used: 4, madeIn: 2)
        #expect(usage.reserved == 0)
        #expect(usage.used == 4)
    }

    @Test func requestsOfAnEarlierWindowDoNotCountInThisOne() {
        var usage = usage()
        usage.reserve(100, madeIn: 1)
        usage.enter(2, reserved: 0)
        usage.reserve(1, madeIn: 1)
        usage.settle(100, used: 30, madeIn: 1)
        #expect(usage.taken == 0)
    }

    @Test func sumsSaturate() {
        var usage = usage()
        usage.add(.max)
        usage.add(.max)
        #expect(usage.used == .max)
        usage.reserve(.max, madeIn: 1)
        usage.reserve(.max, madeIn: 1)
        #expect(usage.taken == .max)
        usage.settle(.max, used: 0, madeIn: 1)
        usage.settle(.max, used: 0, madeIn: 1)
        #expect(usage.reserved == 0)
    }

    @Test func everyThresholdIsReturnedOnce() {
        var usage = usage()
        usage.add(79)
        #expect(usage.alert(limit: 100, thresholds: [50, 80, 100]) == 50)
        #expect(usage.alert(limit: 100, thresholds: [50, 80, 100]) == nil)
        usage.add(1)
        #expect(usage.alert(limit: 100, thresholds: [50, 80, 100]) == 80)
        usage.add(200)
        #expect(usage.alert(limit: 100, thresholds: [50, 80, 100]) == 100)
        #expect(usage.alert(limit: 100, thresholds: [50, 80, 100]) == nil)
    }

    @Test func aSkippedThresholdIsNotReturned() {
        var usage = usage()
        usage.add(100)
        #expect(usage.alert(limit: 100, thresholds: [50, 80, 100]) == 100)
        #expect(usage.alert(limit: 100, thresholds: [50, 80, 100]) == nil)
    }

    @Test func aNewWindowAlertsAgain() {
        var usage = usage()
        usage.add(100)
        #expect(usage.alert(limit: 100, thresholds: [100]) == 100)
        usage.enter(2, reserved: 0)
        #expect(usage.alert(limit: 100, thresholds: [100]) == nil)
        usage.add(100)
        #expect(usage.alert(limit: 100, thresholds: [100]) == 100)
    }

    @Test func reservationsGiveNoAlert() {
        var usage = usage()
        usage.reserve(100, madeIn: 1)
        #expect(usage.alert(limit: 100, thresholds: [80]) == nil)
    }

    @Test(arguments: [(.max, 1), (.max, 100), (1, .max), (0, 50), (.min, 100), (5, -3)] as [(Int64, Int)])
    func wildLimitsAndPercentagesDoNotTrap(limit: Int64, percent: Int) {
        for used in [Int64(0), 1, .max] {
            var usage = usage()
            usage.add(used)
            let reached = Int128(used) * 100 >= Int128(limit) * Int128(percent) && percent > 0
            #expect((usage.alert(limit: limit, thresholds: [percent]) != nil) == reached)
        }
    }

    @Test func thresholdsAreExact() {
        var generator = SeededGenerator(seed: 21)
        for _ in 0..<2000 {
            let limit = Int64.random(
                in: 1...Int64.max >> Int64.random(in: 0..<60, using: &generator), using: &generator)
            let percent = Int.random(in: 1...100, using: &generator)
            let edge = Int64(clamping: (Int128(limit) * Int128(percent) + 99) / 100)
            var below = usage()
            below.add(edge - 1)
            #expect(below.alert(limit: limit, thresholds: [percent]) == nil)
            var reached = usage()
            reached.add(edge)
            #expect(reached.alert(limit: limit, thresholds: [percent]) == percent)
        }
    }
}
