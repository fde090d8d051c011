import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct JournalTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    @Test func whatWasUnderWayBecomesRows() throws {
        var pace = LedgerWriter.Pace()
        pace.delay = .seconds(3600)
        var generator = SeededGenerator(seed: 1)
        let records = (0..<1000).map { _ in
            UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
        }
        do {
            // Nothing is committed: the writer goes as a process goes that is killed.
            let writer = try LedgerWriter(database, pace: pace)
            #expect(writer.recovery == LedgerWriter.Recovery())
            for (number, record) in records.enumerated() {
                var begun = record
                begun.units = BillableUnits()
                let slot = try #require(writer.beginning(begun))
                switch number % 3 {
                case 0: writer.end(InFlight(slot: slot), record)
                case 1:
                    begun.units.outputTokens = Int64(number)
                    let entry = InFlight(slot: slot)
                    writer.progress(entry, UsageProgress(begun))
                    _ = entry.release()
                default: break
                }
            }
            #expect(writer.journaled == 1000)
        }
        let writer = try LedgerWriter(database)
        #expect(writer.recovery == LedgerWriter.Recovery(finished: 334, interrupted: 666))
        #expect(writer.journaled == 0)
        let rows = try database.pool.read { database in
            try Row.fetchAll(database, sql: "SELECT id, exactness, ending, output_tokens FROM usage ORDER BY id")
        }
        #expect(rows.count == 1000)
        let expected = records.enumerated().sorted { $0.element.id < $1.element.id }
        for (row, (number, record)) in zip(rows, expected) {
            switch number % 3 {
            case 0:
                #expect(row["exactness"] == record.exactness.rawValue)
                #expect(row["output_tokens"] == record.units.outputTokens)
            case 1:
                #expect(row["exactness"] == "interrupted")
                #expect(row["ending"] == "gateway_died")
                #expect(row["output_tokens"] == Int64(number))
            default:
                #expect(row["exactness"] == "interrupted")
                #expect(row["output_tokens"] == Int64(0))
            }
        }
    }

    @Test func aRowThatWasCommittedAlreadyIsNotDoubled() throws {
        let record = record(1)
        do {
            let writer = try LedgerWriter(database)
            writer.record(record)
            #expect(writer.flush())
            #expect(writer.journaled == 0)
        }
        do {
            // As if it had died between the commit and the freeing of the slot.
            let journal = try Journal(directory: folder.path, capacity: 10)
            try journal.start()
            #expect(journal.write(finished: record) != nil)
        }
        #expect(try LedgerWriter(database).recovery.finished == 1)
        #expect(try count() == 1)
    }

    @Test func slotsAreFreeAgainOnceTheLedgerHasTheRows() throws {
        var pace = LedgerWriter.Pace()
        pace.delay = .seconds(3600)
        let writer = try LedgerWriter(database, capacity: 20, pace: pace)
        for round in 0..<50 {
            var entries = [Int]()
            for number in 0..<20 { entries.append(try #require(writer.beginning(record(round * 20 + number)))) }
            #expect(writer.beginning(record(99_999)) == nil)
            #expect(writer.trouble?.contains("all 20 slots") == true)
            for (number, slot) in entries.enumerated() {
                writer.end(InFlight(slot: slot), record(round * 20 + number))
            }
            #expect(writer.beginning(record(99_999)) == nil)
            #expect(writer.flush())
            #expect(writer.trouble == nil)
        }
        #expect(try count() == 1000)
    }

    @Test func aFullJournalKeepsRefusalsInMemoryWithinBounds() throws {
        var pace = LedgerWriter.Pace()
        pace.delay = .seconds(3600)
        pace.overflow = 5
        let writer = try LedgerWriter(database, capacity: 10, pace: pace)
        for number in 0..<20 { writer.record(record(number)) }
        #expect(writer.pending == 15)
        #expect(writer.dropped == 5)
        #expect(writer.flush())
        writer.record(record(20))
        #expect(writer.flush())
        #expect(try count() == 16)
    }

    @Test func onlyOneGatewayAtATime() throws {
        let writer = try LedgerWriter(database)
        let path = folder.path + "/journal"
        #expect(throws: LedgerError.inUse(path: path, process: getpid())) { try LedgerWriter(database) }
        #expect(writer.trouble == nil)
    }

    @Test func isItsOwnersAlone() throws {
        let writer = try LedgerWriter(database)
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/journal")[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(writer.journaled == 0)
    }

    @Test func leavesAFileAloneThatIsNoJournal() throws {
        let path = folder.path + "/journal"
        try Data(repeating: 65, count: 9000).write(to: URL(fileURLWithPath: path))
        #expect(throws: LedgerError.foreignJournal(path: path)) { try LedgerWriter(database) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 9000)
    }

    @Test func aJournalThatWasCutIsReadAsFarAsItGoes() throws {
        do {
            let journal = try Journal(directory: folder.path, capacity: 600)
            try journal.start()
            for number in 0..<300 { _ = journal.write(finished: record(number)) }
        }
        let path = folder.path + "/journal"
        let length = JournalFile.headerBytes + 100 * JournalLayout.current.byteCount + 17
        try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: UInt64(length))
        #expect(try LedgerWriter(database).recovery == LedgerWriter.Recovery(finished: 100))
    }

    @Test func damagedSlotsAreCounted() throws {
        do {
            let journal = try Journal(directory: folder.path, capacity: 10)
            try journal.start()
            for number in 0..<5 { _ = journal.write(finished: record(number)) }
        }
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: folder.path + "/journal"))
        for number in [1, 3] {
            try file.seek(toOffset: UInt64(JournalFile.headerBytes + number * JournalLayout.current.byteCount))
            try file.write(contentsOf: Data(repeating: 0xAA, count: 8))
        }
        try file.close()
        #expect(try LedgerWriter(database).recovery == LedgerWriter.Recovery(finished: 3, unreadable: 2))
        #expect(try count() == 3)
    }

    @Test func staysAsItIsWhereTheDatabaseRefuses() throws {
        do {
            let journal = try Journal(directory: folder.path, capacity: 10)
            try journal.start()
            for number in 0..<5 { _ = journal.write(finished: record(number)) }
        }
        try database.pool.writeWithoutTransaction { try $0.execute(sql: "ALTER TABLE usage_rows RENAME TO elsewhere") }
        #expect(throws: LedgerError.self) { try LedgerWriter(database) }
        try database.pool.writeWithoutTransaction { try $0.execute(sql: "ALTER TABLE elsewhere RENAME TO usage_rows") }
        #expect(try LedgerWriter(database).recovery.finished == 5)
        #expect(try count() == 5)
    }

    private func record(_ number: Int) -> UsageRecord {
        UsageRecord(
            id: RequestID(high: UInt64(number) << 16, low: UInt64(number)), keyID: "key", team: nil,
            endpoint: "chat/completions",
            startedAt: Timestamp(seconds: 1_790_000_000))
    }

    private func count() throws -> Int? {
        try database.pool.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage") }
    }
}
