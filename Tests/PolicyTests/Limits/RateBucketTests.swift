import SeededRandom
import Testing

@testable import Policy

@Suite struct RateBucketTests {
    @Test func lendsItsBurstAtOnceAndThenItsRate() {
        var bucket = RateBucket()
        bucket.drain(at: 0, limit: 60)
        for _ in 0..<60 {
            #expect(bucket.wait(for: 1, limit: 60) == 0)
            _ = bucket.charge(1)
        }
        #expect(bucket.wait(for: 1, limit: 60) == 1_000_000)
        #expect(bucket.wait(for: 60, limit: 60) == 60_000_000)
        bucket.drain(at: 999_999, limit: 60)
        #expect(bucket.wait(for: 1, limit: 60) == 1)
        bucket.drain(at: 1_000_000, limit: 60)
        #expect(bucket.wait(for: 1, limit: 60) == 0)
        #expect(bucket.wait(for: 2, limit: 60) == 1_000_000)
    }

    @Test func roundsNoWaitDown() {
        var bucket = RateBucket()
        bucket.drain(at: 0, limit: 7)
        _ = bucket.charge(7)
        let wait = bucket.wait(for: 1, limit: 7)
        #expect(wait == 8_571_429)
        bucket.drain(at: wait - 1, limit: 7)
        #expect(bucket.wait(for: 1, limit: 7) == 1)
        bucket.drain(at: wait, limit: 7)
        #expect(bucket.wait(for: 1, limit: 7) == 0)
    }

    @Test func givesBackOnlyWhatHasNotDrained() {
        var bucket = RateBucket()
        bucket.drain(at: 0, limit: 1000)
        let end = bucket.charge(1000)
        bucket.drain(at: 60_000_000, limit: 1000)
        _ = bucket.charge(700)
        bucket.giveBack(900, of: 1000, endingAt: end)
        #expect(bucket.used == 700)
    }

    @Test func aClockThatStandsStillDrainsNothing() {
        var bucket = RateBucket()
        bucket.drain(at: 50, limit: 1)
        _ = bucket.charge(1)
        bucket.drain(at: 10, limit: 1)
        bucket.drain(at: 50, limit: 1)
        #expect(bucket.wait(for: 1, limit: 1) == 60_000_000)
    }

    /// Nobody gets more for having reserved more: at every time the bucket is at least as full as one that was charged the true
    /// amounts at the time of the requests, and in the end, when nothing has drained, exactly as full.
    @Test(arguments: 0..<200)
    func isNeverEmptierThanThatOfAnOracle(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let limit = Int64.random(in: 1...5000, using: &generator)
        var bucket = RateBucket()
        bucket.drain(at: 0, limit: limit)
        var now: Int64 = 0
        var open: [(end: UInt64, held: Int64, used: Int64)] = []
        var charges: [(at: Int64, used: Int64)] = []
        /// The level of a bucket that knew all true amounts at once, worked out from the beginning.
        func oracle() -> Int64 {
            var level: Int64 = 0
            var at: Int64 = 0
            for charge in charges {
                level = max(0, level - (charge.at - at) * limit) + charge.used * RateBucket.parts
                at = charge.at
            }
            return max(0, level - (now - at) * limit)
        }
        for _ in 0..<300 {
            switch Int.random(in: 0..<4, using: &generator) {
            case 0:
                now += Int64.random(in: 0...2_000_000, using: &generator)
                bucket.drain(at: now, limit: limit)
            case 1, 2:
                let held = Int64.random(in: 0...limit, using: &generator)
                guard bucket.wait(for: held, limit: limit) == 0 else { continue }
                let used = Int64.random(in: 0...held, using: &generator)
                open.append((bucket.charge(held), held, used))
                charges.append((now, used))
            default:
                guard let index = open.indices.randomElement(using: &generator) else { continue }
                let request = open.remove(at: index)
                bucket.giveBack(request.held - request.used, of: request.held, endingAt: request.end)
            }
            #expect(bucket.level >= oracle())
            #expect(bucket.level >= 0)
        }
    }
}

/// Amounts and clocks from outside saturate.
@Suite struct RateBucketBoundsTests {
    @Test(arguments: [Int64.min, -1, 0, 1, Int64.max])
    func wildChargesDoNotTrap(units: Int64) {
        for limit in [Int64.min, 0, 1, .max] {
            var bucket = RateBucket()
            bucket.drain(at: .min, limit: limit)
            let end = bucket.charge(units)
            _ = bucket.charge(units)
            #expect(bucket.level >= 0)
            #expect(bucket.used >= 0)
            #expect(bucket.wait(for: units, limit: limit) >= 0)
            bucket.drain(at: .max, limit: limit)
            bucket.giveBack(units, of: units, endingAt: end)
            #expect(bucket.level >= 0)
        }
    }

    @Test func aLimitOfZeroNeverDrains() {
        var bucket = RateBucket()
        bucket.drain(at: 0, limit: 0)
        _ = bucket.charge(1)
        bucket.drain(at: 60_000_000, limit: 0)
        #expect(bucket.used == 1)
    }

    @Test func withoutALimitTheBucketIsEmpty() {
        var bucket = RateBucket()
        bucket.drain(at: 0, limit: nil)
        _ = bucket.charge(5)
        bucket.drain(at: 0, limit: nil)
        #expect(bucket.used == 0)
    }

    @Test func aFullBucketStaysFull() {
        var bucket = RateBucket()
        _ = bucket.charge(.max)
        #expect(bucket.level == .max)
        _ = bucket.charge(1)
        #expect(bucket.level == .max)
    }
}
