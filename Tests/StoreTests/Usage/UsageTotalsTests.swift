import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct UsageTotalsTests {
    private let folder = TemporaryFolder()

    @Test func whatIsPackedComesBack() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<300 {
            var day = PeriodTotals()
            var model: [UInt8: [UsageRecord]] = [:]
            for _ in 0..<Int.random(in: 0...100, using: &generator) {
                var record = UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
                // Numbers of every length, and absurd ones.
                record.units.inputTokens = Int64(
                    bitPattern: generator.next() >> UInt64.random(in: 0...63, using: &generator))
                record.cost = NanoEuros(-record.units.inputTokens.subtractingReportingOverflow(1).partialValue)
                let quarter = UInt8.random(in: 0..<24, using: &generator)
                day.add(UsageTotals(record), quarter: quarter)
                model[quarter, default: []].append(record)
            }
            let back = try #require(day.encoded.withUnsafeBytes { PeriodTotals($0) })
            #expect(back.quarters.map(\.quarter) == model.keys.sorted(by: >))
            for (quarter, totals) in back.quarters {
                let records = model[quarter] ?? []
                #expect(totals == records.reduce(into: UsageTotals()) { $0.add(UsageTotals($1)) })
                let tokens = records.reduce(Int128(0)) { $0 + Int128($1.units.inputTokens) }
                #expect(totals.row.units.inputTokens == Int64(clamping: tokens))
            }
            let rest = day.encoded.withUnsafeBytes { day.subtracted(from: $0) }
            #expect(rest == [])
        }
    }

    /// Sums of any mask, written here by hand, come in as they are and go out as the same bytes.
    @Test func everyMaskComesBack() throws {
        for mask in 0..<UInt16(1) << 13 {
            var bytes = [UInt8(mask & 0xFF), UInt8(mask >> 8)]
            for place in 0..<13 where mask >> UInt16(place) & 1 == 1 { bytes += [UInt8(2 * (place + 1))] }
            var totals = UsageTotals()
            var position = 0
            let isRead = bytes.withUnsafeBytes { totals.add($0, at: &position) }
            #expect(isRead)
            #expect(position == bytes.count)
            var encoded: [UInt8] = []
            totals.encode(to: &encoded)
            #expect(encoded == bytes)
            #expect(totals.isEmpty == (mask == 0))
        }
    }

    /// The places of the quantities are in files of earlier versions.
    @Test func everyQuantityHasItsPlace() throws {
        // Sums 1 to 13 at the places 0 to 12, zigzag-coded.
        let bytes: [UInt8] = [0xFF, 0x1F] + (1...13).map { UInt8(2 * $0) }
        var totals = UsageTotals()
        var position = 0
        #expect(bytes.withUnsafeBytes { totals.add($0, at: &position) })
        let row = totals.row
        #expect(row.requests == 1)
        #expect(row.estimatedRequests == 2)
        #expect(row.errors == 3)
        #expect(Unit.allCases.map { row.units[$0] } == [4, 5, 6, 7, 8, 9, 10, 11])
        #expect(row.cost.amount == 12)
        #expect(row.countedRequests == 13)
        #expect(totals.tokens == 9)
    }

    @Test func sumsOfAnySizeComeBack() throws {
        var generator = SeededGenerator(seed: 24)
        for _ in 0..<5000 {
            var bytes: [UInt8] = []
            var totals = UsageTotals()
            for _ in 0..<generator.number(1...3) {
                var record = UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
                for unit in Unit.allCases {
                    record.units[unit] = Int64(bitPattern: generator.next() >> UInt64(generator.number(0...63)))
                }
                totals.add(UsageTotals(record))
            }
            totals.encode(to: &bytes)
            var read = UsageTotals()
            var position = 0
            #expect(bytes.withUnsafeBytes { read.add($0, at: &position) })
            #expect(read == totals)
        }
    }

    @Test func countingAllRequestsChangesNothingElse() throws {
        var record = UsageRecord(
            id: RequestID(high: 1, low: 1), keyID: "k", team: nil, endpoint: "e", startedAt: Timestamp(seconds: 1))
        record.units.images = 3
        var period = PeriodTotals()
        for quarter in [UInt8(3), 5, 5] { period.add(UsageTotals(record), quarter: quarter) }
        record.countsAsRequest = true
        var expected = PeriodTotals()
        for quarter in [UInt8(3), 5, 5] { expected.add(UsageTotals(record), quarter: quarter) }
        #expect(period.encoded != expected.encoded)
        #expect(period.countingAllRequests.encoded == expected.encoded)
    }

    /// Damaged totals may hold any number: they are added up without a trap.
    @Test func sumsBeyond128BitsWrap() throws {
        let largest: [UInt8] = [0x01, 0x00] + [UInt8](repeating: 0xFF, count: 18) + [0x03]
        var totals = UsageTotals()
        for _ in 0..<3 {
            var position = 0
            #expect(largest.withUnsafeBytes { totals.add($0, at: &position) })
        }
        totals.add(totals)
        totals.subtract(UsageTotals())
        var encoded: [UInt8] = []
        totals.encode(to: &encoded)
        #expect(!encoded.isEmpty)
    }

    @Test func addingToBytesIsAddingToTotals() throws {
        var generator = SeededGenerator(seed: 13)
        var bytes: [UInt8] = []
        var model = PeriodTotals()
        for round in 0..<3000 {
            var change = PeriodTotals()
            // Mostly one quarter, and mostly the newest.
            for _ in 0..<(Int.random(in: 0..<5, using: &generator) == 0 ? 3 : 1) {
                let quarter =
                    Bool.random(using: &generator) ? UInt8(round / 125) : .random(in: 0..<24, using: &generator)
                change.add(
                    UsageTotals(.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)),
                    quarter: quarter)
            }
            bytes = try #require(bytes.withUnsafeBytes { change.added(to: $0) })
            model.add(change)
            #expect(bytes == model.encoded)
        }
    }

    @Test func bytesThatAreNoTotalsAreRefused() {
        var generator = SeededGenerator(seed: 4)
        let record = UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
        var day = PeriodTotals()
        day.add(UsageTotals(record), quarter: 23)
        let bytes = day.encoded
        for count in 1..<bytes.count {
            #expect(bytes.prefix(count).withUnsafeBytes { PeriodTotals(UnsafeRawBufferPointer($0)) } == nil)
        }
        for bytes: [UInt8] in [[24, 0, 0], [0, 0, 0x20], [0, 1, 0] + [UInt8](repeating: 0xFF, count: 30)] {
            #expect(bytes.withUnsafeBytes { PeriodTotals($0) } == nil)
        }
        // Whatever is there, it is read or refused.
        for _ in 0..<50_000 {
            let noise = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = noise.withUnsafeBytes { PeriodTotals($0) }
        }
    }

    @Test func rebuildingGivesTheSame() throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let records = try fill(database)
        let totals = try database.totals()
        #expect(totals.count > 100)
        #expect(try database.rebuildTotals() == records)
        #expect(try database.totals() == totals)
        try database.writing { try $0.execute(sql: "DELETE FROM usage_totals WHERE period % 2 = 0") }
        #expect(try database.rebuildTotals() == records)
        #expect(try database.totals() == totals)
    }

    @Test func rowsAndTotalsNeverPart() throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        try fill(database)
        let totals = try database.totals()
        var generator = SeededGenerator(seed: 8)
        let rows = (0..<50).map { _ in
            PendingRow(
                record: .random(between: 1_790_000_000, and: 1_790_100_000, using: &generator), slot: nil)
        }
        struct Stop: Error {}
        var numbers = UsageGroupNumbers()
        #expect(throws: LedgerError.self) {
            try database.writing { database in
                try UsageTable.insert(rows, rows.indices, &numbers, into: database)
                throw Stop()
            }
        }
        #expect(try database.totals() == totals)
        #expect(try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage") } == 2000)
        // Numbers of groups that were undone are not used again.
        numbers.forget()
        try database.writing { try UsageTable.insert(rows, rows.indices, &numbers, into: $0) }
        let after = try database.totals()
        try database.rebuildTotals()
        #expect(try database.totals() == after)
    }

    @Test func whatComesTwiceCountsOnce() throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        try fill(database)
        let totals = try database.totals()
        try fill(database)
        #expect(try database.totals() == totals)
    }

    @discardableResult
    private func fill(_ database: LedgerDatabase) throws -> Int {
        let writer = try LedgerWriter(database)
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<2000 {
            writer.record(.random(between: 1_789_000_000, and: 1_790_000_000, using: &generator))
        }
        #expect(writer.close() == 0)
        return 2000
    }
}
