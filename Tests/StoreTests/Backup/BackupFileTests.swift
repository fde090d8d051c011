import Foundation
import Testing

@testable import Store

@Suite struct BackupFileTests {
    private let folder = TemporaryFolder()
    private var data: String { folder.path + "/data" }

    private func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: data).sorted() }

    @Test func itsBytesAreABackup() throws {
        let database = try LedgerDatabase(directory: data)
        defer { database.close() }
        try KeyStore(database, by: .test).create(.plain("k1", digest: 1))
        let before = try names()
        let file = try BackupFile(of: data)
        #expect(try names() == before)
        var bytes: [UInt8] = []
        while case let more = try file.bytes(from: bytes.count, atMost: 1000), !more.isEmpty {
            #expect(more.count <= 1000)
            bytes += more
        }
        #expect(bytes.count == file.count)
        let copy = folder.path + "/copy"
        try Data(bytes).write(to: URL(filePath: copy))
        try LedgerBackup.restore(copy, to: folder.path + "/restored")
        let restored = try LedgerDatabase(directory: folder.path + "/restored")
        defer { restored.close() }
        #expect(try KeyStore(restored, by: .test).find("k1").name == "name of k1")
    }

    /// A full disk stops the gateway: a backup leaves some of it free.
    @Test func aDiskWithoutRoomIsLeftAlone() throws {
        let database = try LedgerDatabase(directory: data)
        defer { database.close() }
        let before = try names()
        let size =
            DiskFile.size(of: LedgerDatabase.path(in: data)) + DiskFile.size(of: LedgerDatabase.path(in: data) + "-wal")
        #expect(size > 0)
        for free in [0, size, size + (64 << 20) - 1] {
            #expect(throws: LedgerError.noRoomForBackup(path: data, bytes: size)) {
                try BackupFile(of: data, freeBytes: free)
            }
        }
        #expect(try names() == before)
        #expect(try BackupFile(of: data, freeBytes: size + (64 << 20)).count > 0)
        #expect(try BackupFile(of: data, freeBytes: nil).count > 0)
        #expect(try #require(DiskFile.freeBytes(of: data)) > 0)
        #expect(DiskFile.freeBytes(of: data + "/none") == nil)
    }

    /// A process that is killed while it copies leaves its copy. Those of living processes are in use.
    @Test func copiesOfDeadProcessesAreRemoved() throws {
        let database = try LedgerDatabase(directory: data)
        defer { database.close() }
        let before = try names()
        // No process has a number above 2^22.
        let dead = ["download-4194305", "download-4194305.partial-aB3xYz", "download-\(getpid()).partial-aB3xYz"]
        let others = [
            "download-1.partial-aB3xYz", "download-", "download-x", "download-99999999999999999999", "download-0",
        ]
        for name in dead + others {
            try FileManager.default.createDirectory(atPath: "\(data)/\(name)", withIntermediateDirectories: false)
            try Data([1]).write(to: URL(filePath: "\(data)/\(name)/propylon.db"))
        }
        BackupFile.removeAbandoned(in: data)
        #expect(try names() == (before + others).sorted())
        BackupFile.removeAbandoned(in: data + "/none")
    }
}
