import SeededRandom
import Testing

@testable import Store

@Suite struct SpeedScaleTests {
    @Test func smallValuesAreExact() {
        for value in 0..<32 as Range<Int64> { #expect(SpeedScale.middle(of: SpeedScale.bucket(of: value)) == value) }
    }

    @Test func theMiddleIsAtMostOne32ndOff() {
        var generator = SeededGenerator(seed: 52)
        for _ in 0..<100_000 {
            let value = Int64(generator.next() >> UInt64.random(in: 30...63, using: &generator))
            let bucket = SpeedScale.bucket(of: value)
            let middle = SpeedScale.middle(of: bucket)
            #expect(32 * (middle - value).magnitude <= value.magnitude, "\(value)")
            #expect(SpeedScale.bucket(of: middle) == bucket)
        }
    }

    @Test func bucketsAscendWithValues() {
        for bucket in 1..<SpeedScale.count {
            let (below, here) = (SpeedScale.middle(of: bucket - 1), SpeedScale.middle(of: bucket))
            #expect(below < here)
            // Where one ends, the next one begins.
            var (low, high) = (below, here)
            while high - low > 1 {
                let middle = low + (high - low) / 2
                if SpeedScale.bucket(of: middle) < bucket { low = middle } else { high = middle }
            }
            #expect(SpeedScale.bucket(of: low) == bucket - 1)
            #expect(SpeedScale.bucket(of: high) == bucket)
        }
    }

    /// The numbers of buckets are in ledgers.
    @Test func bucketsKeepTheirNumbers() {
        let values: [Int64] = [0, 15, 16, 31, 32, 33, 34, 63, 64, 1000, 60_000, 3_600_000, 1 << 35 - 1, .max, -1, .min]
        #expect(
            values.map(SpeedScale.bucket)
                == [0, 15, 16, 31, 32, 32, 33, 47, 48, 111, 205, 299, 511, 511, 0, 0])
    }
}
