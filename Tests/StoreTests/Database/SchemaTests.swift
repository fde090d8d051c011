import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct SchemaTests {
    private let folder = TemporaryFolder()
    /// Columns that older ledgers cannot fill.
    private static let columnsOfCauses: Set = ["group_ending", "cause", "refused_by"]

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
            let newer = Self.columnsOfCauses.union(["number", "group_id", "counts_as_request"])
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
            row.columnNames.filter { $0 != "group_id" && !Self.columnsOfCauses.contains($0) }.map {
                row[$0] as DatabaseValue
            }
        }
        let areSame = migrated.map(members) == rows.map(members)
        #expect(areSame)
        #expect(migrated.count > 1000)
        let isSameReport = try fullReport(database) == report
        #expect(isSameReport)
        database.close()
    }

    @Test(arguments: [
        "1: keys and usage", "2: totals and tags", "3: objects", "4: rows by number", "8: bounded groups",
    ])
    func anEmptyLedgerOfEveryVersionOpens(version: String) throws {
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let pool = try DatabasePool(path: folder.path + "/propylon.sqlite")
        try Schema.migrator.migrate(pool, upTo: version)
        try pool.close()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        #expect(try fullReport(database).isEmpty)
        let applied = try database.reading { try Schema.migrator.appliedMigrations($0) }
        #expect(applied == Schema.migrator.migrations)
    }

    /// SQLite keeps the text of the view: the next start compares it, and changes nothing.
    @Test func theViewIsStoredAsWritten() throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let stored = try database.reading {
            try String.fetchOne($0, sql: "SELECT sql FROM sqlite_master WHERE type = 'view'")
        }
        #expect(stored == Schema.viewSQL)
    }

    @Test func aViewOfAnotherFormIsReplaced() throws {
        var database = try LedgerDatabase(directory: folder.path)
        try fill(database)
        try database.writing { try $0.execute(sql: "DROP VIEW usage; CREATE VIEW usage AS SELECT 1 AS one") }
        database.close()
        database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        #expect(try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(DISTINCT id) FROM usage") } == 2000)
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

    private func fill(_ database: LedgerDatabase) throws {
        let writer = try LedgerWriter(database)
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<2000 {
            var record = UsageRecord.random(between: 1_789_000_000, and: 1_790_000_000, using: &generator)
            // Earlier versions counted all.
            record.countsAsRequest = true
            writer.record(record)
        }
        #expect(writer.close() == 0)
    }
}
