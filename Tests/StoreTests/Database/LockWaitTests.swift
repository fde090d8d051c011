import Clocks
import Foundation
import GRDB
import Loopback
import Policy
import Synchronization
import Testing

@testable import Store

@Suite(.ownThread) struct LockWaitTests {
    private let folder = TemporaryFolder()

    @Test func patienceEnds() {
        #expect(LockWait.briefly.goesOn(after: 0))
        #expect(LockWait.briefly.goesOn(after: 499))
        #expect(!LockWait.briefly.goesOn(after: 500))
        #expect(LockWait.patiently {}.goesOn(after: 29_999))
        #expect(!LockWait.patiently {}.goesOn(after: 30_000))
    }

    @Test func whoWaitsIsToldOnce() {
        let said = Atomic<Int>(0)
        let wait = LockWait.patiently { said.add(1, ordering: .relaxed) }
        for tries in 0..<100 { _ = wait.goesOn(after: tries) }
        #expect(said.load(ordering: .relaxed) == 0)
        for tries in 100..<110 { _ = wait.goesOn(after: tries) }
        #expect(said.load(ordering: .relaxed) == 1)
    }

    /// A long transaction of another process: the command waits, says so, and does its work afterwards.
    @Test func aCommandWaitsForTheLock() throws {
        let holder = try HeldLock(folder.path)
        let said = Mailbox<Void>()
        let done = Mailbox<Result<Void, any Error>>()
        let path = folder.path
        Thread.detachNewThread {
            done.put(
                Result {
                    let database = try LedgerDatabase(directory: path, wait: .patiently { said.put(()) })
                    defer { database.close() }
                    try KeyStore(database, by: .test).create(.plain("one", digest: 1))
                })
        }
        _ = try #require(said.takeSoon())
        holder.release()
        try #require(done.takeSoon()).get()
        let database = try LedgerDatabase(directory: folder.path)
        #expect(try KeyStore(database, by: .test).find("one").id == "one")
        database.close()
    }

    @Test func reportsWaitForNobody() throws {
        let holder = try HeldLock(folder.path)
        defer { holder.release() }
        let database = try #require(
            try LedgerDatabase.reading(directory: folder.path, wait: .patiently { Issue.record("it waits") }))
        defer { database.close() }
        let rows = try UsageReport(database).report(by: [.key], timeZone: .gmt, energy: .vendor)
        #expect(rows.isEmpty)
        #expect(try KeyStore(database, by: .test).list().isEmpty)
        #expect(throws: LedgerError.self) { try KeyStore(database, by: .test).create(.plain("one", digest: 1)) }
    }

    /// A gateway that starts again beside a long command only reads.
    @Test func aCurrentLedgerIsOpenedWithoutTheLock() throws {
        let holder = try HeldLock(folder.path)
        defer { holder.release() }
        try LedgerDatabase(directory: folder.path).close()
    }

    @Test func readingCreatesNothing() throws {
        #expect(try LedgerDatabase.reading(directory: folder.path, wait: .briefly) == nil)
        #expect(!FileManager.default.fileExists(atPath: folder.path))
    }

    @Test func readingMigratesAnOlderLedger() throws {
        let database = try LedgerDatabase(directory: folder.path)
        try database.writing { try $0.execute(sql: "DROP VIEW usage") }
        database.close()
        let reader = try #require(try LedgerDatabase.reading(directory: folder.path, wait: .briefly))
        defer { reader.close() }
        #expect(try UsageReport(reader).report(by: [.key], timeZone: .gmt, energy: .vendor).isEmpty)
        #expect(try reader.reading(Schema.state) == .current)
    }

    @Test func readingANewerLedgerIsRefused() throws {
        let database = try LedgerDatabase(directory: folder.path)
        try database.writing { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: later')") }
        let path = database.path
        database.close()
        #expect(throws: LedgerError.newerDatabase(path: path, migrations: ["99: later"])) {
            try LedgerDatabase.reading(directory: folder.path, wait: .briefly)
        }
    }
}

/// A write transaction that lasts until `release`.
private final class HeldLock: Sendable {
    private let isHeld = Mailbox<Void>()
    private let end = Mailbox<Void>()
    private let ended = Mailbox<Void>()

    init(_ folder: String) throws {
        let database = try LedgerDatabase(directory: folder)
        Thread.detachNewThread { [isHeld, end, ended] in
            try? database.writing { _ in
                isHeld.put(())
                _ = end.takeSoon()
            }
            database.close()
            ended.put(())
        }
        _ = try #require(isHeld.takeSoon())
    }

    func release() {
        end.put(())
        _ = ended.takeSoon()
    }
}
