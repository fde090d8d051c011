import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct UsageColumnsTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    @Test func insertFillsEveryColumnOfTheTable() throws {
        let columns = try database.reading { try $0.columns(in: "usage_rows").map(\.name) }
        #expect(Set(UsageColumns.inserted) == Set(columns))
        #expect(UsageColumns.inserted.count == columns.count)
    }

    @Test func groupsFillEveryColumnButTheNumber() throws {
        let columns = try database.reading { try $0.columns(in: "usage_groups").map(\.name) }
        #expect(Set(UsageGroup.columns + ["id"]) == Set(columns))
    }

    @Test func theViewHasEveryColumnOnce() throws {
        let columns = try database.reading {
            try Row.fetchAll($0, sql: "PRAGMA table_info(usage)").map { $0["name"] as String }
        }
        #expect(columns.count == Set(columns).count)
        #expect(Set(columns) == Set(UsageColumns.selected))
    }

    @Test func everyUnitHasItsColumn() throws {
        #expect(Unit.allCases.allSatisfy { UsageColumns.own.contains($0.column) })
        #expect(Set(Unit.allCases.map(\.column)).count == Unit.count)
    }

    @Test func aRecordComesBackAsItWas() throws {
        var generator = SeededGenerator(seed: 71)
        let records = (0..<500).map { _ in
            UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
        }
        try insert(records)
        let read = try read()
        #expect(read == records.sorted { $0.id < $1.id })
    }

    @Test(arguments: ["id = x'00'", "exactness = 'sure'", "ending = 'gone'"])
    func aRowThatCannotBeReadIsDamage(change: String) throws {
        try insert([
            UsageRecord(
                id: RequestID(high: 1, low: 1), keyID: "k", team: nil, endpoint: "e", startedAt: Timestamp(seconds: 1))
        ])
        try database.writing { try $0.execute(sql: "UPDATE usage_rows SET \(change)") }
        #expect {
            try read()
        } throws: { error in
            if case .damaged? = error as? LedgerError { true } else { false }
        }
    }

    private func insert(_ records: [UsageRecord]) throws {
        try database.writing { database in
            var numbers = UsageGroupNumbers()
            try UsageTable.insert(
                records.map { PendingRow(record: $0, slot: nil) }, records.indices, &numbers, into: database)
        }
    }

    private func read() throws -> [UsageRecord] {
        try database.reading { database in
            var records: [UsageRecord] = []
            try UsageTable.forEach("ORDER BY id", in: database) { record, _, _ in records.append(record) }
            return records
        }
    }
}
