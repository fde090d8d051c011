import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

/// Data folders of earlier versions open, and report the same.
@Suite struct OldFolderTests {
    private let folder = TemporaryFolder()

    @Test func rowsComeBackAndCountAsRequests() throws {
        let records = records(400, seed: 41)
        _ = try OldFolder(folder.path, rows: records)
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let read = try self.records(in: database)
        #expect(read == records.map(counting).sorted { $0.id < $1.id })
    }

    @Test func reportsAreThoseOfTheRecords() throws {
        let records = records(500, seed: 42)
        let archived = self.records(200, seed: 43)
        _ = try OldFolder(folder.path, rows: records, archived: archived)
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let rows = try UsageReport(database).report(by: [.key, .status], timeZone: .gmt, energy: .vendor)
        let expected = Dictionary(grouping: records + archived) { [$0.keyID, String($0.status)] }
        #expect(rows.map { [$0[.key], $0[.status]] }.count == expected.count)
        for row in rows {
            let own = try #require(expected[[row[.key] ?? "", row[.status] ?? ""]])
            #expect(row.requests == Int64(own.count))
            #expect(row.countedRequests == Int64(own.count))
            #expect(row.cost.amount == own.reduce(0) { $0 + $1.cost.amount })
            #expect(row.estimatedRequests == Int64(own.count { $0.exactness != .exact }))
            #expect(row.errors == Int64(own.count { $0.status >= 400 || $0.ending != .complete }))
            for unit in Unit.allCases { #expect(row.units[unit] == own.reduce(0) { $0 + $1.units[unit] }) }
        }
    }

    @Test func totalsAgreeWithTheRows() throws {
        _ = try OldFolder(folder.path, rows: records(500, seed: 44), archived: records(50, seed: 45))
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let totals = try database.totals()
        try database.rebuildTotals()
        #expect(try database.totals() == totals)
    }

    @Test func oldRowsFoldWithoutALeftover() throws {
        _ = try OldFolder(folder.path, rows: records(300, seed: 46))
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let before = try UsageReport(database).report(by: [.day], timeZone: .gmt, energy: .vendor)
        let retention = Retention(database, timeZone: .gmt)
        #expect(try retention.fold(before: Timestamp(seconds: 1_790_400_000), atMost: 1000) == 300)
        let rest = try database.reading {
            try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage_totals WHERE place = 0")
        }
        #expect(rest == 0)
        #expect(try UsageReport(database).report(by: [.day], timeZone: .gmt, energy: .vendor) == before)
    }

    @Test func damagedTotalsStayForTheRebuild() throws {
        _ = try OldFolder(folder.path, rows: records(100, seed: 47))
        let pool = try DatabasePool(path: folder.path + "/propylon.sqlite")
        try pool.write { try $0.execute(sql: "UPDATE usage_totals SET entries = x'FF'") }
        try pool.close()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        #expect(throws: LedgerError.self) {
            try UsageReport(database).report(by: [], timeZone: .gmt, energy: .vendor)
        }
        #expect(try database.rebuildTotals() == 100)
        let sum = try UsageReport(database).report(by: [], timeZone: .gmt, energy: .vendor)
        #expect(sum.map(\.countedRequests) == [100])
    }

    @Test func keysKeepTheirPredecessors() throws {
        let old = try OldFolder(folder.path)
        let pool = try DatabasePool(path: old.path + "/propylon.sqlite")
        try pool.write { database in
            for (id, digest, until) in [("a", KeyDigest?.none, nil), ("b", KeyDigest(9, 8, 7, 6), Int64(70))] {
                try database.execute(
                    sql: "INSERT INTO keys VALUES (?, 'n', 't', NULL, NULL, 1, NULL, NULL, ?, ?, ?)",
                    arguments: [
                        id, Data(KeyDigest(1, 2, 3, id == "a" ? 4 : 5).bytes), digest.map { Data($0.bytes) }, until,
                    ])
            }
        }
        try pool.close()
        let database = try LedgerDatabase(directory: old.path)
        let records = try KeyCache(database).keys.records
        #expect(records.map(\.id) == ["a", "b"])
        #expect(records[0].predecessors.isEmpty)
        let predecessor = KeyRecord.Predecessor(
            digest: KeyDigest(9, 8, 7, 6), validUntil: Timestamp(microseconds: 70))
        #expect(records[1].predecessors == [predecessor])
        database.close()
    }

    @Test func theViewHasTheNewColumn() throws {
        _ = try OldFolder(folder.path, rows: records(3, seed: 48))
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let flags = try database.reading { try Int.fetchAll($0, sql: "SELECT counts_as_request FROM usage") }
        #expect(flags == [1, 1, 1])
    }

    @Test func theJournalIsRecovered() throws {
        let records = records(50, seed: 49)
        let slots = records.enumerated().map { number, record in
            OldSlot(
                state: [.finishedFirst, .finishedSecond, .openFirst, .openSecond, .free][number % 5], record: record)
        }
        _ = try OldFolder(folder.path, journal: slots)
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        #expect(try LedgerWriter(database).recovery == .init(finished: 20, interrupted: 20))
        let expected = slots.filter { $0.state != .free }.map { slot in
            var record = slot.record
            record.countsAsRequest = record.ending != .refused
            guard slot.state == .openFirst || slot.state == .openSecond else { return record }
            record.exactness = .interrupted
            record.ending = .gatewayDied
            record.cause = .gatewayDied
            record.upstreamID = nil
            record.backend = nil
            return record
        }
        #expect(try self.records(in: database) == expected.sorted { $0.id < $1.id })
    }

    @Test func theNextJournalHasTheNewLayout() throws {
        _ = try OldFolder(folder.path, journal: [OldSlot(state: .finishedFirst, record: records(1, seed: 50)[0])])
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let record = records(1, seed: 51)[0]
        do {
            var pace = LedgerWriter.Pace()
            pace.delay = .seconds(3600)
            let writer = try LedgerWriter(database, pace: pace)
            writer.record(record)
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/journal"))[0] == 2)
        #expect(try LedgerWriter(database).recovery.finished == 1)
        #expect(try self.records(in: database).contains(record))
    }

    @Test func anOldJournalStaysIfTheDatabaseRefuses() throws {
        _ = try OldFolder(folder.path, journal: [OldSlot(state: .finishedFirst, record: records(1, seed: 52)[0])])
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        try database.pool.writeWithoutTransaction { try $0.execute(sql: "ALTER TABLE usage_rows RENAME TO elsewhere") }
        #expect(throws: LedgerError.self) { try LedgerWriter(database) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path + "/journal"))[0] == 1)
        try database.pool.writeWithoutTransaction { try $0.execute(sql: "ALTER TABLE elsewhere RENAME TO usage_rows") }
        #expect(try LedgerWriter(database).recovery.finished == 1)
    }

    @Test func aJournalOfALaterVersionIsForeign() throws {
        _ = try OldFolder(folder.path)
        let path = folder.path + "/journal"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[0] = 3
        try bytes.write(to: URL(fileURLWithPath: path))
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        #expect(throws: LedgerError.foreignJournal(path: path)) { try LedgerWriter(database) }
    }

    private func records(_ count: Int, seed: UInt64) -> [UsageRecord] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            var record = UsageRecord.random(between: 1_790_000_000, and: 1_790_300_000, using: &generator)
            record.cause = nil
            record.refusedBy = nil
            if !OldSlot.endings.contains(record.ending) { record.ending = .complete }
            return record
        }
    }

    private func counting(_ record: UsageRecord) -> UsageRecord {
        var record = record
        record.countsAsRequest = true
        return record
    }

    private func records(in database: LedgerDatabase) throws -> [UsageRecord] {
        try database.reading { database in
            var records: [UsageRecord] = []
            try UsageTable.forEach("ORDER BY usage.id", in: database) { record, _, _ in records.append(record) }
            return records
        }
    }
}
