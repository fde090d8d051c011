import Foundation
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct PackedSpanTests {
    private func values(_ bytes: Data) -> [Int64: UsageTotals]? {
        var values: [Int64: UsageTotals] = [:]
        let isRead = bytes.withUnsafeBytes { bytes in
            PackedSpan.forEach(in: bytes) { group, value in
                var position = 0
                return values[group, default: UsageTotals()].add(value, at: &position) && position == value.count
            }
        }
        return isRead ? values : nil
    }

    @Test(arguments: 0..<20) func valuesComeAsTheyWere(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var expected: [Int64: UsageTotals] = [:]
        for _ in 0..<Int.random(in: 0...40, using: &generator) {
            let record = UsageRecord.random(between: 0, and: 1000, using: &generator)
            expected[.random(in: 0...8191, using: &generator)] = UsageTotals(record)
        }
        let packed = PackedSpan(expected.merging([7: UsageTotals()]) { value, _ in value }, part: 0)
        #expect(values(packed.data) == expected)
    }

    /// Bytes of any kind give values or none, and never trap.
    @Test(arguments: 0..<40) func damagedBytesAreRefusedOrRead(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let record = UsageRecord.random(between: 0, and: 1000, using: &generator)
        let whole = PackedSpan(
            [3: UsageTotals(record), 9: UsageTotals(record), Int64.max: UsageTotals(record)], part: 0
        ).data
        for _ in 0..<400 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = values(
                Bool.random(using: &generator) ? bytes : bytes.prefix(.random(in: 0..<bytes.count, using: &generator)))
        }
        #expect(values(whole + [0xFF]) == nil)
        #expect(values(Data([0])) == nil)
    }
}
