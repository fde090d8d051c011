import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Ledger

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
        for bytes: [UInt8] in [[24, 0, 0], [0, 0, 0x10], [0, 1, 0] + [UInt8](repeating: 0xFF, count: 30)] {
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

    @Test func aLedgerWithoutTotalsGetsThem() throws {
        var database = try LedgerDatabase(directory: folder.path)
        try fill(database)
        let totals = try database.totals()
        // As a version had left it that kept none.
        try database.writing { database in
            try database.execute(
                sql: """
                    DROP TABLE usage_totals; DROP TABLE usage_groups; ALTER TABLE usage DROP COLUMN tags;
                    DELETE FROM grdb_migrations WHERE identifier LIKE '2:%';
                    """)
        }
        database.close()
        database = try LedgerDatabase(directory: folder.path)
        // Tags were not there.
        let untagged = try database.totals()
        #expect(untagged.count < totals.count)
        let rows = try UsageReport(database).report(by: [], timeZone: .gmt, energy: .vendor)
        #expect(rows.map(\.requests) == [2000])
        database.close()
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
                try UsageRows.insert(rows, rows.indices, &numbers, into: database)
                throw Stop()
            }
        }
        #expect(try database.totals() == totals)
        #expect(try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage") } == 2000)
        // Numbers of groups that were undone are not used again.
        numbers.forget()
        try database.writing { try UsageRows.insert(rows, rows.indices, &numbers, into: $0) }
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
