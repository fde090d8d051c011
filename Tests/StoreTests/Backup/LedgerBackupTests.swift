import Clocks
import Foundation
import GRDB
import Policy
import Synchronization
import Testing

@testable import Store

@Suite struct LedgerBackupTests {
    private let folder = TemporaryFolder()
    private var data: String { folder.path + "/data" }
    private var file: String { folder.path + "/copy" }
    private var restored: String { folder.path + "/restored" }

    /// A record whose amounts are all `amount`, so that a mixture of two is seen.
    private static func record(_ number: UInt64, _ amount: Int64) -> UsageRecord {
        let moment = Timestamp(seconds: 1_795_428_000)
        var record = UsageRecord(
            id: RequestID(at: moment, random: (number, number)), keyID: "k1", team: nil, endpoint: "chat/completions",
            startedAt: moment)
        record.status = 200
        for unit in Unit.allCases { record.units[unit] = amount }
        return record
    }

    /// The amounts of all rows, each of them once, by the request's id. The test fails for a row with different ones.
    private func amounts(_ directory: String) throws -> [Data: Int64] {
        let database = try LedgerDatabase(directory: directory)
        defer { database.close() }
        let columns = Unit.allCases.map(\.column).joined(separator: ", ")
        let rows = try database.reading { try Row.fetchAll($0, sql: "SELECT id, \(columns) FROM usage_rows") }
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let amounts = Set(Unit.allCases.map { row[$0.column] as Int64 })
                #expect(amounts.count == 1)
                return (row["id"], amounts.first ?? -1)
            })
    }

    @Test func everythingComesBack() throws {
        let database = try LedgerDatabase(directory: data)
        try KeyStore(database, by: .test).create(.plain("k1", digest: 1))
        let writer = try LedgerWriter(database)
        writer.record(Self.record(1, 10))
        writer.flush()
        // In the journal alone: finished, in flight, and in flight with progress.
        let journal = try Journal(directory: data, capacity: 8, isShared: true)
        _ = journal.write(finished: Self.record(2, 20))
        _ = journal.begin(Self.record(3, 30))
        let slot = try #require(journal.begin(Self.record(4, 1)))
        journal[slot].progress(UsageProgress(Self.record(4, 40)))
        try LedgerBackup.make(of: data, as: file)
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        // The gateway goes on: none of this is in the copy.
        writer.record(Self.record(5, 50))
        #expect(writer.close() == 0)
        database.close()
        try LedgerBackup.restore(file, to: restored)
        let expected = [1, 2, 3, 4].map { (Self.record($0, 0).id.data, Int64($0) * 10) }
        #expect(try amounts(restored) == Dictionary(uniqueKeysWithValues: expected))
        let copy = try LedgerDatabase(directory: restored)
        defer { copy.close() }
        #expect(try KeyStore(copy, by: .test).find("k1").name == "name of k1")
        let endings = try copy.reading {
            try String.fetchAll($0, sql: "SELECT ending FROM usage_rows ORDER BY input_tokens")
        }
        #expect(endings.map { $0 == "gateway_died" } == [false, false, true, true])
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["copy", "data", "restored"])
    }

    /// What was answered before a copy began is in it, however fast the gateway writes meanwhile, and nothing is a mixture.
    @Test func nothingThatWasAnsweredIsMissing() throws {
        let database = try LedgerDatabase(directory: data)
        let writer = try LedgerWriter(database)
        let answered = Mutex<[Data]>([])
        let isEnding = Atomic<Bool>(false)
        let group = DispatchGroup()
        defer {
            isEnding.store(true, ordering: .relaxed)
            group.wait()
        }
        for lane in 0..<2 {
            group.enter()
            // A thread of its own: those of Dispatch may all be taken by other tests.
            Thread.detachNewThread {
                defer { group.leave() }
                var number = UInt64(lane) << 32
                while !isEnding.load(ordering: .relaxed) {
                    number += 1
                    let amount = Int64(number & 0xFFFF)
                    guard let entry = writer.begin(Self.record(number, amount)) else { continue }
                    for step in 1...3 {
                        writer.progress(entry, UsageProgress(Self.record(number, amount + Int64(step))))
                    }
                    writer.end(entry, Self.record(number, amount + 4))
                    answered.withLock { $0.append(Self.record(number, 0).id.data) }
                    // A few thousand rows a second.
                    usleep(200)
                }
            }
        }
        for round in 0..<4 {
            for _ in 0..<60_000 where answered.withLock({ $0.count }) < 100 * (round + 1) { usleep(1000) }
            let before = answered.withLock { $0 }
            #expect(before.count >= 100 * (round + 1))
            try LedgerBackup.make(of: data, as: "\(file)\(round)")
            try LedgerBackup.restore("\(file)\(round)", to: "\(restored)\(round)")
            let rows = try amounts("\(restored)\(round)")
            #expect(before.allSatisfy { rows[$0] != nil })
            #expect(before.count <= rows.count)
        }
    }

    @Test func aCopyIsNotMade() throws {
        #expect(throws: LedgerError.noLedger(path: data)) { try LedgerBackup.make(of: data, as: file) }
        #expect(!FileManager.default.fileExists(atPath: data))
        let old = try OldFolder(folder.path + "/old")
        #expect(throws: LedgerError.olderDatabase(path: old.path + "/propylon.sqlite")) {
            try LedgerBackup.make(of: old.path, as: file)
        }
        let database = try LedgerDatabase(directory: data)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
        #expect(throws: LedgerError.fileExists(path: file)) { try LedgerBackup.make(of: data, as: file) }
        #expect(throws: LedgerError.self) { try LedgerBackup.make(of: data, as: folder.path + "/none/copy") }
        try database.writing { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: later')") }
        #expect(throws: LedgerError.newerDatabase(path: data + "/propylon.sqlite", migrations: ["99: later"])) {
            try LedgerBackup.make(of: data, as: file + "2")
        }
        database.close()
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["copy", "data", "old"])
    }

    @Test func whatIsNoCopyIsNotRestored() throws {
        try LedgerDatabase(directory: data).close()
        try LedgerBackup.make(of: data, as: file)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        var holed = bytes
        holed.replaceSubrange(4096..<bytes.count, with: Data(count: bytes.count - 4096))
        for (name, content) in [
            ("cut", bytes.prefix(bytes.count / 2)), ("holed", holed), ("empty", Data()),
            ("text", Data("no database".utf8)),
        ] {
            let path = "\(folder.path)/\(name)"
            try content.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: LedgerError.self) { try LedgerBackup.restore(path, to: restored) }
            if case .damaged = error {} else { Issue.record("\(name): \(String(describing: error))") }
        }
        #expect(throws: LedgerError.noLedger(path: "/none")) { try LedgerBackup.restore("/none", to: restored) }
        let newer = try DatabaseQueue(path: file)
        try newer.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: later')") }
        try newer.close()
        #expect(throws: LedgerError.newerDatabase(path: file, migrations: ["99: later"])) {
            try LedgerBackup.restore(file, to: restored)
        }
        #expect(!FileManager.default.fileExists(atPath: restored))
    }

    @Test func aFolderInUseStaysAsItIs() throws {
        let database = try LedgerDatabase(directory: data)
        let writer = try LedgerWriter(database)
        writer.record(Self.record(1, 10))
        writer.flush()
        try LedgerBackup.make(of: data, as: file)
        let error = #expect(throws: LedgerError.self) { try LedgerBackup.restore(file, to: data) }
        if case .folderInUse(data, let names) = error {
            #expect(names.contains("propylon.sqlite"))
        } else {
            Issue.record("\(String(describing: error))")
        }
        // The journal of a running gateway is held.
        let inUse = #expect(throws: LedgerError.self) { try LedgerBackup.restore(file, to: data, movingOldTo: "old") }
        if case .inUse = inUse {} else { Issue.record("\(String(describing: inUse))") }
        writer.record(Self.record(2, 20))
        #expect(writer.close() == 0)
        database.close()
        try LedgerBackup.restore(file, to: data, movingOldTo: "old")
        #expect(try amounts(data).count == 1)
        #expect(try amounts(data + "/old").count == 2)
    }
}
