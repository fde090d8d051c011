import Clocks
import Foundation
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct SpeedCountsTests {
    /// Counts by places, added and subtracted in any order, as a dictionary has them.
    @Test func agreesWithADictionary() throws {
        var generator = SeededGenerator(seed: 53)
        for _ in 0..<300 {
            var counts = SpeedCounts()
            var model: [Int: Int64] = [:]
            for _ in 0..<Int.random(in: 0...200, using: &generator) {
                let record = UsageRecord.measured(using: &generator)
                let one = SpeedCounts(record)
                let isAdded = Bool.random(using: &generator)
                if isAdded { counts.add(one) } else { counts.subtract(one) }
                for entry in one.entries { model[entry.place, default: 0] += isAdded ? entry.count : -entry.count }
            }
            let expected = model.filter { $0.value != 0 }.sorted { $0.key < $1.key }
            #expect(counts.entries == expected.map { SpeedCounts.Entry(place: $0.key, count: $0.value) })
            var bytes: [UInt8] = []
            counts.encode(to: &bytes)
            var back = SpeedCounts()
            var position = 0
            #expect(bytes.withUnsafeBytes { back.add($0, at: &position) })
            #expect(back == counts)
            #expect(position == bytes.count)
            back.subtract(counts)
            #expect(back.isEmpty)
        }
    }

    @Test func whatIsCutOrChangedIsRefusedOrRead() {
        var generator = SeededGenerator(seed: 54)
        var period = PeriodValues<SpeedCounts>()
        for quarter in 0..<24 as Range<UInt8> {
            for _ in 0..<9 { period.add(SpeedCounts(.measured(using: &generator)), quarter: quarter) }
        }
        let bytes = period.encoded
        #expect(bytes.withUnsafeBytes { PeriodValues<SpeedCounts>($0) }?.encoded == bytes)
        for _ in 0..<2000 {
            var changed = bytes
            changed[Int.random(in: changed.indices, using: &generator)] = UInt8(truncatingIfNeeded: generator.next())
            changed.removeLast(.random(in: 0..<changed.count, using: &generator))
            _ = changed.withUnsafeBytes { PeriodValues<SpeedCounts>($0) }
        }
        // One entry beyond the last place, and an endless number.
        for bad: [UInt8] in [[0, 2, 0x80, 0x18, 2], [0, 2, 1, 2], [0, 0xFF], [24, 0], [0, 2, 0]] {
            #expect(bad.withUnsafeBytes { PeriodValues<SpeedCounts>($0) } == nil)
        }
    }
}

extension UsageRecord {
    /// A random record, mostly a whole stream, with times of every length.
    static func measured(
        between first: Int64 = 1_790_000_000, and last: Int64 = 1_790_100_000, using generator: inout SeededGenerator
    ) -> UsageRecord {
        var record = UsageRecord.random(between: first, and: last, using: &generator)
        let isMeasured = Int.random(in: 0..<10, using: &generator) > 0
        if isMeasured { (record.status, record.ending, record.cause, record.refusedBy) = (200, .complete, nil, nil) }
        func time() -> Duration {
            let most = Int64(1) << Int64.random(in: 0...36, using: &generator)
            return .microseconds(Int64.random(in: 0...most, using: &generator))
        }
        let firstByte = record.startedAt + time()
        record.firstByteAt = isMeasured ? firstByte : nil
        record.endedAt = firstByte + time()
        return record
    }
}
