import Clocks
import Foundation
import GRDB
import ManualTime
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct KeyCacheTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let store: KeyStore
    private let cache: KeyCache

    init() throws {
        database = try LedgerDatabase(directory: folder.path)
        store = KeyStore(database, by: .test)
        cache = try KeyCache(database)
    }

    @Test func seesWhatAnotherProcessChanges() throws {
        let otherDatabase = try LedgerDatabase(directory: folder.path)
        let other = KeyStore(otherDatabase, by: .test)
        #expect(!cache.reloadIfChanged())
        try other.create(.plain("one", digest: 1))
        #expect(cache.keys["one"] == nil)
        #expect(cache.reloadIfChanged())
        #expect(cache.keys["one"]?.name == "name of one")
        #expect(!cache.reloadIfChanged())
        try other.revoke("one", at: Timestamp(seconds: 7))
        #expect(cache.reloadIfChanged())
        #expect(cache.keys["one"]?.revokedAt == Timestamp(seconds: 7))
        // Usage is no change of the keys.
        let writer = try LedgerWriter(otherDatabase)
        writer.record(
            UsageRecord(
                id: RequestID(high: 1, low: 1), keyID: "one", team: nil, endpoint: "e", startedAt: Timestamp(seconds: 1)
            ))
        writer.flush()
        #expect(!cache.reloadIfChanged())
        otherDatabase.close()
        database.close()
    }

    @Test func keepsItsKeysWhileTheDatabaseIsOutOfReach() throws {
        try store.create(.plain("one", digest: 1))
        cache.reloadIfChanged()
        database.close()
        #expect(!cache.reloadIfChanged())
        #expect(cache.keys["one"] != nil)
        #expect(throws: LedgerError.self) { try store.create(.plain("two", digest: 2)) }
    }

    @Test func troubleLastsUntilTheNextSuccessfulLook() throws {
        #expect(cache.trouble == nil)
        try breakKeys()
        for _ in 0..<2 {
            #expect(!cache.reloadIfChanged())
            #expect(cache.trouble?.description.contains("keys_version") == true)
        }
        try mendKeys()
        #expect(!cache.reloadIfChanged())
        #expect(cache.trouble == nil)
        database.close()
    }

    @Test func aRevocationDuringTroubleArrivesAfterIt() throws {
        try store.create(.plain("one", digest: 1))
        cache.reloadIfChanged()
        try breakKeys()
        #expect(!cache.reloadIfChanged())
        #expect(cache.keys["one"]?.revokedAt == nil)
        try mendKeys()
        let otherDatabase = try LedgerDatabase(directory: folder.path)
        try KeyStore(otherDatabase, by: .test).revoke("one", at: Timestamp(seconds: 7))
        otherDatabase.close()
        #expect(cache.reloadIfChanged())
        #expect(cache.keys["one"]?.revokedAt == Timestamp(seconds: 7))
        database.close()
    }

    private func breakKeys() throws {
        try database.writing { try $0.execute(sql: "ALTER TABLE keys_version RENAME TO elsewhere") }
    }

    private func mendKeys() throws {
        try database.writing { try $0.execute(sql: "ALTER TABLE elsewhere RENAME TO keys_version") }
    }

    @Test func aChangeLoadsTheChangedKeyAlone() throws {
        for number in 1...50 { try store.create(.plain("k\(number)", digest: UInt64(number))) }
        #expect(cache.reloadIfChanged())
        let before = cache.keys
        try store.revoke("k7", at: Timestamp(seconds: 9))
        #expect(cache.reloadIfChanged())
        let changed = before.records.filter { cache.keys[$0.id] !== $0 }.map(\.id)
        #expect(changed == ["k7"])
        #expect(before["k7"]?.revokedAt == nil)
        database.close()
    }

    /// Whatever a program does to the table, the keys in memory are those of a new start.
    @Test func everyChangeOfTheTableArrives() throws {
        var generator = SeededGenerator(seed: 13)
        for round in 0..<100 {
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                try database.writing { try Self.change($0, round, using: &generator) }
            }
            #expect(cache.reloadIfChanged())
            let fresh = try KeyCache(database).keys
            #expect(cache.keys.records == fresh.records)
            for number in 0..<60 as Range<UInt64> {
                let digest = KeyDigest(number: number)
                func found(_ keys: KeySnapshot) -> Result<KeyRecord, KeyRefusal> {
                    Result { () throws(KeyRefusal) in try keys.authenticate(digest, at: Timestamp(seconds: 5)) }
                }
                #expect(found(cache.keys) == found(fresh))
            }
        }
        database.close()
    }

    /// Inserts, changes, renames or deletes a key.
    private static func change(
        _ database: Database, _ round: Int, using generator: inout SeededGenerator
    ) throws {
        let digest = KeyTable.data(KeyDigest(number: .random(in: 0..<60, using: &generator)))
        let id = "k\(Int.random(in: 0..<20, using: &generator))"
        switch Int.random(in: 0..<8, using: &generator) {
        case 0..<4:
            try database.execute(
                sql: """
                    INSERT INTO keys (id, name, tier, created_at, digest) VALUES (?, 'n', 't', ?, ?)
                        ON CONFLICT DO NOTHING
                    """,
                arguments: [id, round, digest])
        case 4: try database.execute(sql: "UPDATE OR IGNORE keys SET digest = ? WHERE id = ?", arguments: [digest, id])
        case 5: try database.execute(sql: "UPDATE keys SET revoked_at = 3 WHERE id = ?", arguments: [id])
        case 6: try database.execute(sql: "UPDATE OR IGNORE keys SET id = 'r' || id WHERE id = ?", arguments: [id])
        default: try database.execute(sql: "DELETE FROM keys WHERE id = ?", arguments: [id])
        }
        // Each round has a change, so that `reloadIfChanged` is true.
        try database.execute(
            sql: "INSERT INTO keys (id, name, tier, created_at, digest) VALUES (?, 'n', 't', 1, randomblob(32))",
            arguments: ["round\(round)-\(UUID().uuidString)"])
    }

    @Test func aColumnOfALaterVersionCounts() throws {
        try store.create(.plain("one", digest: 1))
        cache.reloadIfChanged()
        try database.writing { try $0.execute(sql: "ALTER TABLE keys ADD COLUMN later TEXT") }
        try database.writing { try $0.execute(sql: "UPDATE keys SET later = 'x'") }
        #expect(cache.reloadIfChanged())
        database.close()
    }

    @Test func theLatestKeysHaveOneOfJustNow() async throws {
        let other = try LedgerDatabase(directory: folder.path)
        for number in 1...5 {
            try KeyStore(other, by: .test).create(.plain("k\(number)", digest: UInt64(number)))
            #expect(cache.keys["k\(number)"] == nil)
            #expect(try await cache.latestKeys()["k\(number)"] != nil)
            #expect(cache.keys["k\(number)"] != nil)
        }
        other.close()
        database.close()
    }

    @Test func allWhoWaitGetTheLatestKeys() async throws {
        try store.create(.plain("one", digest: 1))
        let cache = cache
        let found = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 { group.addTask { try await cache.latestKeys()["one"] != nil } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(found == 100)
        database.close()
    }

    @Test func withoutTheStoreAnUnknownKeyIsUndecided() async throws {
        database.close()
        await #expect(throws: StoreUnavailable.self) { try await cache.latestKeys() }
    }
}

@Suite struct KeyLookScheduleTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000)

    @Test func theFirstRequestIsReadAtOnce() {
        var schedule = KeyLookSchedule()
        #expect(schedule.request(at: start) == .zero)
    }

    @Test func requestsShareARead() {
        var schedule = KeyLookSchedule()
        _ = schedule.request(at: start)
        #expect(schedule.request(at: start) == nil)
        // The read has begun: it may not see what is changed from now on.
        schedule.begin(at: start)
        #expect(schedule.request(at: start + .milliseconds(5)) == .milliseconds(15))
        #expect(schedule.request(at: start + .milliseconds(6)) == nil)
    }

    @Test func aReadAfterThePauseIsAtOnce() {
        var schedule = KeyLookSchedule()
        schedule.begin(at: start)
        #expect(schedule.request(at: start + .milliseconds(20)) == .zero)
    }

    /// A client that sends unknown keys as fast as it can.
    @Test func aFloodCostsFewReads() {
        var schedule = KeyLookSchedule()
        var reads = 0
        var next: MonotonicTime?
        for microsecond in 0..<1_000_000 {
            let now = start + .microseconds(microsecond)
            if let pause = schedule.request(at: now) { next = now + pause }
            if let moment = next, moment <= now {
                schedule.begin(at: now)
                reads += 1
                next = nil
            }
        }
        #expect((49...51).contains(reads))
    }
}
