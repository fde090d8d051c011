import Clocks
import Foundation
import GRDB
import Policy
import Synchronization
import Testing

@testable import Store

/// Several processes on one data folder: each has a journal of its own, and none is forgotten.
@Suite struct JournalFolderTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    private func writer(shared: Bool = false, delay: Duration = .milliseconds(50)) throws -> LedgerWriter {
        var pace = LedgerWriter.Pace()
        pace.delay = delay
        let journal = try Journal(directory: folder.path, capacity: 100, isShared: shared)
        return try LedgerWriter(database, journal: journal, pace: pace)
    }

    private func record(_ number: UInt64) -> UsageRecord {
        var record = UsageRecord(
            id: RequestID(high: 1 << 16, low: number), keyID: "k", team: nil, endpoint: "chat/completions",
            startedAt: Timestamp(seconds: 1_790_000_000))
        record.units.outputTokens = Int64(number)
        return record
    }

    private func tokens() throws -> [Int64] {
        try database.reading { try Int64.fetchAll($0, sql: "SELECT output_tokens FROM usage ORDER BY output_tokens") }
    }

    private var journals: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasPrefix("journal") }
            .sorted()
    }

    @Test func aSecondProcessIsRefusedUnlessItTakesOver() throws {
        let first = try writer()
        #expect {
            try writer()
        } throws: { error in
            if case .inUse? = error as? LedgerError { true } else { false }
        }
        let second = try writer(shared: true)
        #expect(journals == ["journal", "journal-2"])
        first.record(record(1))
        second.record(record(2))
        #expect(first.close() == 0)
        #expect(second.close() == 0)
        #expect(try tokens() == [1, 2])
    }

    /// The successor has the second journal: a plain start must see it too.
    @Test func aPlainStartIsRefusedByEveryLiveJournal() throws {
        let first = try writer()
        let second = try writer(shared: true)
        first.close()
        #expect {
            try writer()
        } throws: { error in
            if case .inUse(let path, _)? = error as? LedgerError { path.hasSuffix("/journal-2") } else { false }
        }
        withExtendedLifetime(second) {}
    }

    @Test func closingGivesTheJournalToTheNextProcess() throws {
        let first = try writer()
        first.record(record(1))
        #expect(first.close() == 0)
        let second = try writer()
        second.record(record(2))
        second.close()
        #expect(try tokens() == [1, 2])
        // The first one can write nothing any more into a file that is not its own.
        #expect(first.beginning(record(3)) == nil)
        #expect(first.close() == 0)
    }

    /// A request that has not ended may still write into its slot.
    @Test func aJournalWithARequestIsNotGivenAway() throws {
        let first = try writer()
        let slot = try #require(first.beginning(record(1)))
        first.close()
        #expect(throws: LedgerError.self) { try writer() }
        first.end(InFlight(slot: slot), record(1))
    }

    @Test func thePlacesTakeTurns() throws {
        var previous = try writer()
        for number in 0..<6 {
            let next = try writer(shared: true)
            next.record(record(UInt64(number)))
            previous.close()
            previous = next
        }
        previous.close()
        #expect(try tokens() == [0, 1, 2, 3, 4, 5])
        #expect(journals == ["journal", "journal-2"])
        _ = try writer()
        #expect(journals == ["journal"])
    }

    /// The predecessor is killed while it finishes its requests.
    @Test func theJournalOfADeadProcessIsAdopted() throws {
        var first: LedgerWriter? = try writer(delay: .seconds(3600))
        let second = try writer(shared: true)
        #expect(first?.beginning(record(7)) != nil)
        first?.record(record(8))
        var adoption = try second.adopt()
        #expect(adoption.othersLive)
        #expect(adoption.records.isEmpty)
        first = nil
        adoption = try second.adopt()
        #expect(!adoption.othersLive)
        #expect(adoption.recovery == LedgerWriter.Recovery(finished: 1, interrupted: 1))
        #expect(adoption.records.map(\.units.outputTokens) == [8, 7])
        #expect(try tokens() == [7, 8])
        #expect(journals == ["journal-2"])
        #expect(try second.adopt().records.isEmpty)
        #expect(second.close() == 0)
    }

    /// Both were killed; the next start finds both journals.
    @Test func aStartRecoversAllJournals() throws {
        do {
            let first = try writer(delay: .seconds(3600))
            let second = try writer(shared: true, delay: .seconds(3600))
            first.record(record(1))
            second.record(record(2))
        }
        let third = try writer()
        #expect(third.recovery == LedgerWriter.Recovery(finished: 2))
        #expect(try tokens() == [1, 2])
        #expect(journals == ["journal"])
    }

    @Test func aJournalOfAnUnknownVersionStays() throws {
        let first = try writer()
        let path = folder.path + "/journal-2"
        try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: path))
        #expect(throws: LedgerError.foreignJournal(path: path)) { try first.adopt() }
        #expect(journals == ["journal", "journal-2"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 8192)
    }

    // MARK: Handing rows over

    @Test func heldRowsStayInTheJournal() throws {
        let writer = try writer()
        writer.record(record(1))
        #expect(writer.hold())
        #expect(try tokens() == [1])
        writer.record(record(2))
        #expect(!writer.flush())
        #expect(try tokens() == [1])
        #expect(writer.journaled == 1)
        let shipped = Mutex<[Int64]>([])
        writer.resume { records in shipped.withLock { $0 += records.map(\.units.outputTokens) } }
        #expect(try tokens() == [1, 2])
        writer.record(record(3))
        #expect(writer.close() == 0)
        // Everything after the hold, and nothing before.
        #expect(shipped.withLock { $0 } == [2, 3])
    }

    /// A record is shipped first: if the process dies between the two, the journal has it, and its id is known.
    @Test func recordsAreShippedBeforeTheirCommit() throws {
        let writer = try writer()
        #expect(writer.hold())
        let committed = Mutex<Int?>(nil)
        writer.resume { [database] _ in
            let count = try? database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage_rows") }
            committed.withLock { $0 = count }
        }
        writer.record(record(1))
        #expect(writer.flush())
        #expect(committed.withLock { $0 } == 0)
    }

    @Test func closingEndsAHold() throws {
        let writer = try writer()
        #expect(writer.hold())
        writer.record(record(1))
        #expect(writer.close() == 0)
        #expect(try tokens() == [1])
    }

    @Test func aRefusingDatabaseIsNotHeld() throws {
        let writer = try writer()
        database.close()
        writer.record(record(1))
        #expect(!writer.hold())
        writer.close()
    }
}
