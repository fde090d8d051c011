import Clocks
import Foundation
import GRDB
import Loopback
import Policy
import Testing

@testable import Store

/// A database that refuses, really: damaged, locked, on a full disk. The rows stay in the journal, and nothing is lost.
@Suite struct FaultTests {
    @Test func aDamagedDatabase() throws {
        let folder = TemporaryFolder()
        let file = folder.path + "/propylon.sqlite"
        var database = try LedgerDatabase(directory: folder.path)
        let (page, size) = try database.reading { database in
            (
                try #require(
                    try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_master WHERE name = 'usage_groups'")),
                try #require(try Int.fetchOne(database, sql: "PRAGMA page_size"))
            )
        }
        database.close()
        let offset = UInt64((page - 1) * size)
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
        try handle.seek(toOffset: offset)
        let whole = try #require(try handle.read(upToCount: size))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: size))
        try handle.synchronize()

        database = try LedgerDatabase(directory: folder.path)
        do {
            let writer = try LedgerWriter(database, pace: impatient)
            for number in 0..<300 { writer.record(record(number)) }
            #expect(!writer.flush())
            #expect(writer.trouble?.contains("is damaged") == true)
            #expect(writer.journaled == 300)
            #expect(writer.close() == 300)
        }
        database.close()

        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: whole)
        try handle.close()
        database = try LedgerDatabase(directory: folder.path)
        #expect(try LedgerWriter(database).recovery.finished == 300)
        #expect(try count(database) == 300)
        database.close()
    }

    @Test func aLockedDatabase() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        let other = try LedgerDatabase(directory: folder.path)
        defer {
            database.close()
            other.close()
        }
        let writer = try LedgerWriter(database, pace: impatient)
        try other.pool.writeWithoutTransaction { other in
            try other.execute(sql: "BEGIN IMMEDIATE")
            writer.record(record(1))
            #expect(!writer.flush())
            #expect(writer.trouble?.contains("locked by another process") == true)
            #expect(writer.journaled == 1)
            try other.execute(sql: "COMMIT")
        }
        #expect(writer.flush())
        #expect(writer.trouble == nil)
        #expect(try count(database) == 1)
    }

    @Test(.enabled(if: TinyDisk.isPossible, "needs the right to mount")) func aFullDisk() throws {
        let disk = try TinyDisk(megabytes: 4)
        let database = try LedgerDatabase(directory: disk.path)
        let writer = try LedgerWriter(database, pace: impatient)
        for number in 0..<100 { writer.record(record(number)) }
        #expect(writer.flush())
        try disk.fill()
        var number = 100
        var slots: [(number: Int, slot: Int)] = []
        while let slot = writer.beginning(record(number)) {
            slots.append((number, slot))
            number += 1
            guard number < 100_000 else { break }
        }
        #expect(slots.count == 256)
        #expect(writer.trouble?.contains("is full") == true)
        // What is under way comes to its end as ever.
        for (number, slot) in slots { writer.end(InFlight(slot: slot), record(number)) }
        #expect(!writer.flush())
        #expect(writer.journaled == 256)
        #expect(writer.trouble?.contains("is full") == true)

        try disk.empty()
        #expect(writer.flush())
        #expect(writer.trouble == nil)
        #expect(writer.journaled == 0)
        #expect(try count(database) == 356)
        #expect(try #require(writer.beginning(record(number))) >= 0)
        #expect(writer.close() == 0)
        database.close()
    }

    @Test(.enabled(if: TinyDisk.isPossible, "needs the right to mount")) func aDiskThatIsFullAtTheNextStart() throws {
        let disk = try TinyDisk(megabytes: 4)
        var database = try LedgerDatabase(directory: disk.path)
        do {
            var pace = impatient
            pace.delay = .seconds(3600)
            let writer = try LedgerWriter(database, pace: pace)
            for number in 0..<200 { writer.record(record(number)) }
        }
        database.close()
        try disk.fill()
        // Whichever of both the full disk stops, the rows stay where they are.
        #expect(throws: LedgerError.self) {
            database = try LedgerDatabase(directory: disk.path)
            _ = try LedgerWriter(database)
        }
        database.close()
        try disk.empty()
        database = try LedgerDatabase(directory: disk.path)
        #expect(try LedgerWriter(database).recovery.finished == 200)
        #expect(try count(database) == 200)
        database.close()
    }

    private var impatient: LedgerWriter.Pace {
        var pace = LedgerWriter.Pace()
        pace.retry = .seconds(3600)
        pace.timeout = .zero
        return pace
    }

    private func record(_ number: Int) -> UsageRecord {
        let start = Timestamp(seconds: 1_790_000_000)
        var record = UsageRecord(
            id: RequestID(at: start, random: (0, UInt64(number))), keyID: "key", team: nil,
            endpoint: "chat/completions",
            startedAt: start)
        record.backend = String(repeating: "x", count: 120)
        return record
    }

    private func count(_ database: LedgerDatabase) throws -> Int? {
        try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage") }
    }
}

/// A disk of some megabytes, in memory.
private final class TinyDisk {
    static let isPossible: Bool = {
        guard getuid() == 0 else { return false }
        return (try? TinyDisk(megabytes: 1)) != nil
    }()

    let path = NSTemporaryDirectory() + "propylon-disk-" + UUID().uuidString

    private struct CannotMount: Error {}

    init(megabytes: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard try Self.run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path) == 0 else {
            try? FileManager.default.removeItem(atPath: path)
            throw CannotMount()
        }
    }

    deinit {
        _ = try? Self.run("umount", "-l", path)
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Leaves not a byte.
    func fill() throws {
        let descriptor = open(path + "/filler", O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        let bytes = [UInt8](repeating: 1, count: 4096)
        while write(descriptor, bytes, bytes.count) > 0 {}
        #expect(errno == ENOSPC)
    }

    /// Takes away what `fill` has written.
    func empty() throws { try FileManager.default.removeItem(atPath: path + "/filler") }

    private static func run(_ command: String, _ arguments: String...) throws -> Int32 {
        try ChildProcess(command, arguments).wait()
    }
}
