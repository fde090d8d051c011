import Clocks
import Foundation
import GRDB
import Loopback
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite(.serialized) struct TotalsRebuildTests {
    private static let folderVariable = "PROPYLON_REBUILD_TEST_FOLDER"
    private static let first: Int64 = 1_789_000_000
    private static let last: Int64 = 1_790_000_000

    private let folder = TemporaryFolder()

    /// Another program deletes, changes, adds and damages totals: afterwards they are those of the rows again.
    @Test func mendsWhateverIsWrong() throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var generator = SeededGenerator(seed: 5)
        try Self.fill(database, 1500, using: &generator)
        let right = try database.totals()
        for _ in 0..<20 {
            try Self.spoil(database, using: &generator)
            #expect(try database.totals() != right)
            #expect(try database.rebuildTotals() == 1500)
            #expect(try database.totals() == right)
        }
    }

    /// A writer inserts and retention folds, while the differences are read and between any two slices.
    @Test(arguments: 0..<12 as Range<UInt64>) func isRightBesideAWriter(seed: UInt64) throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var generator = SeededGenerator(seed: seed)
        try Self.fill(database, 1500, using: &generator)
        try Self.spoil(database, damages: false, using: &generator)
        let rebuild = try DatabaseQueue(
            path: database.path, configuration: LedgerDatabase.configuration(.briefly, temporaryFiles: true))
        var totals: TotalsRebuild?
        try rebuild.inTransaction(.deferred) { reader in
            totals = try TotalsRebuild(readingFrom: reader) { _ in
                // The snapshot is taken: what follows is not in it.
                _ = try? Self.fill(database, 40, using: &generator)
            }
            return .commit
        }
        let zone = try #require(TimeZone(identifier: "Europe/Paris"))
        var isMore = true
        while isMore {
            isMore = try rebuild.write { try totals?.mendSlice(in: $0, atMost: 60) ?? false }
            try Self.fill(database, 7, using: &generator)
            _ = try Retention(database, timeZone: zone).fold(
                before: Timestamp(seconds: .random(in: Self.first...Self.last, using: &generator)), atMost: 30)
        }
        try Self.expectRight(database)
    }

    @Test func aSliceAfterAnotherRebuildIsRefused() throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var generator = SeededGenerator(seed: 6)
        try Self.fill(database, 300, using: &generator)
        try database.writing { try $0.execute(sql: "DELETE FROM usage_totals") }
        try database.writing { writer in
            var first = try TotalsRebuild(readingFrom: writer) { _ in }
            var second = try TotalsRebuild(readingFrom: writer) { _ in }
            _ = try first.mendSlice(in: writer)
            #expect(throws: TotalsRebuild.Overtaken.self) { try second.mendSlice(in: writer) }
        }
        try Self.expectRight(database)
    }

    @Test func rebuildsAtTheSameTimeEndRight() async throws {
        let database = try LedgerDatabase(directory: folder.path)
        var generator = SeededGenerator(seed: 7)
        try Self.fill(database, 2500, using: &generator)
        try database.writing { try $0.execute(sql: "DELETE FROM usage_totals WHERE period % 2 = 1") }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    #expect(throws: Never.self) { try database.rebuildTotals() }
                }
            }
        }
        try Self.expectRight(database)
        database.close()
    }

    @Test func aWriterIsNotHeldUpByTheReading() throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var generator = SeededGenerator(seed: 8)
        try Self.fill(database, 100, using: &generator)
        var reports: [TotalsRebuild.Progress] = []
        try database.rebuildTotals { progress in
            reports.append(progress)
            #expect(throws: Never.self) { try Self.fill(database, 1, using: &generator) }
        }
        #expect(reports == [TotalsRebuild.Progress(read: 0, rows: 100)])
        try Self.expectRight(database)
    }

    /// The death of the rebuild at any moment: each total is what it was or what it should be, never anything else.
    @Test func killedAtAnyMomentItHasMendedOrNot() throws {
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var generator = SeededGenerator(seed: 9)
        try Self.fill(database, 6000, using: &generator)
        let right = try database.totals()
        let wrong = Data([0x17, 1, 0, 2])
        var isPartly = false
        for slices in 0..<4 as Range<Int64> {
            try database.writing { try $0.execute(sql: "UPDATE usage_totals SET entries = x'17010002'") }
            try killedRebuild(database, afterSlices: slices)
            let found = try database.totals()
            #expect(found.count == right.count)
            let isWhole = found.allSatisfy { $0.value == wrong || $0.value == right[$0.key] }
            #expect(isWhole)
            let mended = found.count { $0.value != wrong }
            isPartly = isPartly || mended > 0 && mended < found.count
        }
        #expect(isPartly)
        try database.rebuildTotals()
        let isRight = try database.totals() == right
        #expect(isRight)
    }

    /// Not a test, but the work of the other process.
    @Test(.enabled(if: ProcessInfo.processInfo.environment[folderVariable] != nil))
    func rebuildThatIsKilled() throws {
        let folder = try #require(ProcessInfo.processInfo.environment[Self.folderVariable])
        try LedgerDatabase(directory: folder).rebuildTotals()
    }

    /// Runs a rebuild, and kills it when it has mended so many slices.
    private func killedRebuild(_ database: LedgerDatabase, afterSlices slices: Int64) throws {
        func corrections() throws -> Int64? {
            try database.reading { try Int64.fetchOne($0, sql: "SELECT corrections FROM usage_state") }
        }
        let before = try #require(try corrections())
        let process = try ChildProcess(test: "rebuildThatIsKilled", variables: [Self.folderVariable: folder.path])
        while process.isRunning, try corrections() ?? 0 < before + slices { usleep(100) }
        process.kill()
    }

    @discardableResult
    private static func fill(
        _ database: LedgerDatabase, _ count: Int, using generator: inout SeededGenerator
    ) throws -> Int {
        let rows = (0..<count).map { _ in
            PendingRow(record: .random(between: first, and: last, using: &generator), slot: nil)
        }
        var numbers = UsageGroupNumbers()
        try database.writing { try UsageTable.insert(rows, rows.indices, &numbers, into: $0) }
        return count
    }

    /// Totals that are gone, doubled, in the wrong place or, with `damages`, no totals.
    private static func spoil(
        _ database: LedgerDatabase, damages: Bool = true, using generator: inout SeededGenerator
    ) throws {
        let (modulus, rest) = (Int.random(in: 2...5, using: &generator), Int.random(in: 0...1, using: &generator))
        let which = "place = 0 AND (period + group_id) % \(modulus) = \(rest)"
        switch Int.random(in: 0..<(damages ? 4 : 3), using: &generator) {
        case 0: try database.writing { try $0.execute(sql: "DELETE FROM usage_totals WHERE \(which)") }
        case 1:
            try database.writing { try $0.execute(sql: "UPDATE usage_totals SET entries = x'17010002' WHERE \(which)") }
        case 2:
            try database.writing {
                try $0.execute(
                    sql: """
                        INSERT INTO usage_totals SELECT place, period + 100000, group_id, entries FROM usage_totals
                            WHERE \(which)
                        """)
            }
        default: try database.writing { try $0.execute(sql: "UPDATE usage_totals SET entries = x'FF' WHERE \(which)") }
        }
    }

    /// Expects the totals that the rows make from nothing.
    private static func expectRight(_ database: LedgerDatabase) throws {
        let totals = try database.totals().filter { $0.key.hasPrefix("0 ") }
        struct Undo: Error {}
        var right: [String: Data] = [:]
        try? database.writing { writer in
            try writer.execute(sql: "DELETE FROM usage_totals WHERE place = 0")
            try TotalsRebuild.run(in: writer)
            right = try LedgerDatabase.totals(in: writer).filter { $0.key.hasPrefix("0 ") }
            throw Undo()
        }
        #expect(!right.isEmpty)
        #expect(totals == right)
    }
}
