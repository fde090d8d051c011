import Clocks
import Dispatch
import Foundation
import GRDB
import Loopback
import ManualTime
import Policy
import Testing

@testable import Store

@Suite struct LedgerWriterTests {
    @Test func losesNothingOfManyThreads() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let writer = try LedgerWriter(database)
        let threads = 8
        let each = 2500
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            for number in 0..<each { writer.record(row(UInt64(thread), UInt64(number))) }
        }
        #expect(writer.flush())
        #expect(writer.committed == threads * each)
        #expect(writer.pending == 0)
        #expect(writer.lag == .zero)
        #expect(writer.trouble == nil)
        #expect(try count(database) == threads * each)
    }

    @Test func commitsByItself() async throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let writer = try LedgerWriter(database)
        writer.record(row(1, 1))
        let isCommitted = await eventually { writer.committed == 1 }
        #expect(isCommitted)
    }

    @Test func aGroupDoesNotWaitForTheDelay() async throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var pace = LedgerWriter.Pace()
        pace.delay = .seconds(3600)
        pace.group = 10
        let clock = ManualTime(wall: Timestamp(seconds: 1_790_000_000))
        let writer = try LedgerWriter(database, pace: pace, clock: clock)
        for number in 0..<9 { writer.record(row(1, number)) }
        clock.advance(by: .seconds(7))
        #expect(writer.committed == 0)
        #expect(writer.pending == 9)
        #expect(writer.lag == .seconds(7))
        writer.record(row(1, 9))
        let isCommitted = await eventually { writer.committed == 10 }
        #expect(isCommitted)
    }

    @Test func droppingTheWriterKeepsWhatIsCommitted() throws {
        let folder = TemporaryFolder()
        do {
            let database = try LedgerDatabase(directory: folder.path)
            let writer = try LedgerWriter(database)
            for number in 0..<100 { writer.record(row(1, number)) }
            writer.flush()
        }
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        #expect(try count(database) == 100)
    }

    @Test func aRecordThatComesTwiceIsKeptOnce() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let writer = try LedgerWriter(database)
        for _ in 0..<2 {
            for number in 0..<10 { writer.record(row(1, number)) }
            writer.record(row(1, 3))
            writer.flush()
        }
        #expect(try count(database) == 10)
        #expect(writer.pending == 0)
    }

    @Test func keepsRowsWhileTheDiskIsFull() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var pace = LedgerWriter.Pace()
        pace.retry = .seconds(3600)
        pace.timeout = .seconds(5)
        let clock = ManualTime(wall: Timestamp(seconds: 1_790_000_000))
        let writer = try LedgerWriter(database, pace: pace, clock: clock)
        // As a full disk, to SQLite: the file may not grow.
        try database.pool.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        for number in 0..<9000 { writer.record(row(1, number)) }
        #expect(!writer.flush())
        writer.record(row(2, 0))
        #expect(!writer.flush())
        #expect(writer.pending == 9001 - writer.committed)
        clock.advance(by: .seconds(4))
        #expect(writer.trouble == nil)
        clock.advance(by: .seconds(1))
        #expect(writer.trouble?.contains("is full") == true)
        #expect(writer.lag == .seconds(5))

        try database.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(writer.flush())
        #expect(writer.trouble == nil)
        #expect(writer.committed == 9001)
        #expect(try count(database) == 9001)
    }

    @Test func aShortRefusalIsNoTrouble() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        var pace = LedgerWriter.Pace()
        pace.retry = .seconds(3600)
        let writer = try LedgerWriter(database, pace: pace, clock: ManualTime(wall: Timestamp(seconds: 1_790_000_000)))
        database.close()
        for number in 0..<5 { writer.record(row(1, number)) }
        #expect(!writer.flush())
        #expect(writer.trouble == nil)
        #expect(writer.close() == 5)
    }

    @Test func waitsForAnotherProcess() async throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        let other = try LedgerDatabase(directory: folder.path)
        defer {
            database.close()
            other.close()
        }
        let writer = try LedgerWriter(database)
        let begun = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        other.pool.asyncWriteWithoutTransaction { other in
            try? other.inTransaction(.immediate) {
                begun.signal()
                end.wait()
                return .commit
            }
        }
        begun.wait()
        writer.record(row(1, 1))
        #expect(writer.committed == 0)
        end.signal()
        #expect(writer.flush())
        #expect(writer.committed == 1)
    }

    private func row(_ high: UInt64, _ low: some BinaryInteger) -> UsageRecord {
        UsageRecord(
            id: RequestID(high: high << 48 | UInt64(low) << 16, low: UInt64(low)), keyID: "key", team: nil,
            endpoint: "chat/completions",
            startedAt: Timestamp(seconds: 1_790_000_000))
    }

    private func count(_ database: LedgerDatabase) throws -> Int? {
        try database.pool.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage") }
    }
}
