import Clocks
import Foundation
import GRDB
import Policy
import Testing

@testable import Store

@Suite struct LedgerDatabaseTests {
    @Test func makesFolderAndFileForItsOwnerAlone() throws {
        let folder = TemporaryFolder()
        let nested = folder.path + "/a/b"
        let database = try LedgerDatabase(directory: nested)
        defer { database.close() }
        #expect(try permissions(of: nested) == 0o700)
        #expect(try permissions(of: nested + "/propylon.sqlite") == 0o600)
        let writer = try LedgerWriter(database)
        writer.record(
            UsageRecord(
                id: RequestID(high: 1, low: 1), keyID: "k", team: nil, endpoint: "e", startedAt: Timestamp(seconds: 1)))
        writer.flush()
        #expect(try permissions(of: nested + "/propylon.sqlite-wal") == 0o600)
    }

    @Test func keepsItsRowsWhenOpenedAgain() throws {
        let folder = TemporaryFolder()
        for count in 1...3 {
            let database = try LedgerDatabase(directory: folder.path)
            let writer = try LedgerWriter(database)
            writer.record(
                UsageRecord(
                    id: RequestID(high: UInt64(count) << 16, low: 1), keyID: "k", team: nil, endpoint: "e",
                    startedAt: Timestamp(seconds: 1)))
            #expect(writer.close() == 0)
            let rows = try database.pool.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage") }
            #expect(rows == count)
            database.close()
        }
        // The last connection has folded the log into the file.
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/propylon.sqlite-wal"))
    }

    @Test func refusesADatabaseOfANewerVersion() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        try database.pool.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: from the future')") }
        database.close()
        let expected = LedgerError.newerDatabase(
            path: folder.path + "/propylon.sqlite", migrations: ["99: from the future"])
        #expect(throws: expected) { try LedgerDatabase(directory: folder.path) }
    }

    @Test func refusesAFileThatIsNoDatabase() throws {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try Data(repeating: 65, count: 9000).write(to: URL(fileURLWithPath: folder.path + "/propylon.sqlite"))
        #expect {
            try LedgerDatabase(directory: folder.path)
        } throws: { error in
            if case .damaged(let path, _)? = error as? LedgerError {
                path == folder.path + "/propylon.sqlite"
            } else {
                false
            }
        }
    }

    @Test func saysWhereAFolderCannotBe() throws {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try Data().write(to: URL(fileURLWithPath: folder.path + "/file"))
        for directory in [folder.path + "/file", folder.path + "/file/below", ""] {
            #expect {
                try LedgerDatabase(directory: directory)
            } throws: { error in
                if case .cannotOpen(directory, _)? = error as? LedgerError { true } else { false }
            }
        }
    }

    @Test func manyOpenAtOnce() async throws {
        let folder = TemporaryFolder()
        let path = folder.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { try LedgerDatabase(directory: path).close() }
            }
            try await group.waitForAll()
        }
    }

    @Test func isInWALModeWithNormalSynchronisation() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let (mode, synchronous) = try database.pool.write { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(database, sql: "PRAGMA synchronous")
            )
        }
        #expect(mode == "wal")
        #expect(synchronous == 1)
    }

    private func permissions(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
