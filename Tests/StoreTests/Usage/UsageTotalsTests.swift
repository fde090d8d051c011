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

    @Test(arguments: ["1: keys and usage", "3: objects"])
    func aLedgerOfAnEarlierVersionKeepsAllItHas(version: String) throws {
        let hasTotals = version.hasPrefix("3")
        var database = try LedgerDatabase(directory: folder.path)
        try fill(database)
        if hasTotals {
            let fold = Retention(database, timeZone: .gmt)
            #expect(try fold.fold(before: Timestamp(seconds: 1_790_050_000), atMost: 500) > 0)
        } else {
            // Tags were not there.
            try database.writing { try $0.execute(sql: "UPDATE usage_groups SET tags = NULL") }
        }
        let report = try fullReport(database)
        let rows = try database.reading { try Row.fetchAll($0, sql: "SELECT * FROM usage ORDER BY id") }
        let groups = try database.reading {
            try Row.fetchAll(
                $0,
                sql: """
                    SELECT id, key_id, team, user, endpoint, ifnull(model_served, model_asked) AS model, status, tags
                    FROM usage_groups
                    """)
        }
        let totals = try database.reading { try Row.fetchAll($0, sql: "SELECT * FROM usage_totals") }
        database.close()

        let old = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: old.path, withIntermediateDirectories: true)
        let pool = try DatabasePool(path: old.path + "/propylon.sqlite")
        try Schema.migrator.migrate(pool, upTo: version)
        try pool.write { database in
            let newer: Set = ["number", "group_id"]
            try insert(rows, into: "usage", without: hasTotals ? newer : newer.union(["tags"]), database)
            if hasTotals {
                try insert(groups, into: "usage_groups", database)
                try insert(totals, into: "usage_totals", database)
            }
        }
        try pool.close()

        database = try LedgerDatabase(directory: old.path)
        let migrated = try database.reading { try Row.fetchAll($0, sql: "SELECT * FROM usage ORDER BY id") }
        func members(_ row: Row) -> [DatabaseValue] {
            row.columnNames.filter { $0 != "group_id" }.map { row[$0] as DatabaseValue }
        }
        let areSame = migrated.map(members) == rows.map(members)
        #expect(areSame)
        #expect(migrated.count > 1000)
        let isSameReport = try fullReport(database) == report
        #expect(isSameReport)
        database.close()
    }

    private func fullReport(_ database: LedgerDatabase) throws -> [UsageRow] {
        try UsageReport(database).report(
            by: [.key, .team, .user, .tag, .model, .endpoint, .status, .hour], timeZone: .gmt, energy: .vendor)
    }

    private func insert(
        _ rows: [Row], into table: String, without missing: Set<String> = [], _ database: Database
    ) throws {
        for row in rows {
            let columns = row.columnNames.filter { !missing.contains($0) }
            try database.execute(
                sql: """
                    INSERT INTO \(table) (\(columns.joined(separator: ", ")))
                    VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
                    """,
                arguments: StatementArguments(columns.map { row[$0] as DatabaseValue }))
        }
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
