import Clocks
import Foundation
import GRDB
import Loopback
import Policy
import SeededRandom
import Synchronization
import Testing

@testable import Store

/// The death of the process at any moment, by SIGKILL. A second run of the test's own program writes until it is killed.
@Suite(.serialized) struct KillTests {
    private static let folderVariable = "PROPYLON_KILL_TEST_FOLDER"

    /// The last thing that the journal knows of a request.
    private enum Stage: CaseIterable {
        case begun, answering, finished
    }

    /// The reports of the writing process, each a byte and the request's number.
    private enum Mark: UInt8 {
        case begun = 66
        case ended = 69
    }

    @Test func nothingFinishedIsMissingAndNothingIsDoubled() throws {
        let folder = TemporaryFolder()
        try LedgerDatabase(directory: folder.path).close()
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        var generator = SeededGenerator(seed: 21)
        var begun: Set<UInt64> = []
        var ended: Set<UInt64> = []
        var recovered = LedgerWriter.Recovery()
        for round in 0..<50 {
            let marks = try killedWriter(
                folder.path, pipe, round: round, afterMarks: .random(in: 1...4000, using: &generator))
            for (mark, number) in marks {
                if mark == .begun { begun.insert(number) } else { #expect(ended.insert(number).inserted) }
            }
            let database = try LedgerDatabase(directory: folder.path)
            let writer = try LedgerWriter(database)
            recovered.finished += writer.recovery.finished
            recovered.interrupted += writer.recovery.interrupted
            recovered.unreadable += writer.recovery.unreadable
            let rows = try database.reading { try Self.rows($0) }
            #expect(begun.isSubset(of: rows.keys))
            let wrong = ended.filter { rows[$0] != Expected(number: $0, .finished) }
            #expect(wrong.isEmpty)
            // A request that was sent and never answered is billed by its estimate.
            let unanswered = begun.filter(Self.isUnanswered)
            let unbilled = unanswered.filter { rows[$0] != Expected(number: $0, .begun) }
            #expect(unbilled.isEmpty)
            // A request whose last mark was not seen may be at any stage; it is never anything else.
            let odd = rows.filter { number, row in
                Stage.allCases.allSatisfy { row != Expected(number: number, $0) }
            }
            #expect(odd.isEmpty)
            #expect(writer.close() == 0)
            database.close()
        }
        let database = try LedgerDatabase(directory: folder.path)
        let totals = try database.totals()
        try database.rebuildTotals()
        let areSame = try database.totals() == totals
        #expect(areSame)
        #expect(recovered.finished > 0)
        #expect(recovered.interrupted > 0)
        #expect(recovered.unreadable == 0)
        #expect(ended.count > 10_000)
        #expect(begun.contains(where: Self.isUnanswered))
    }

    /// Not a test, but the work of the other process: four threads, each with several requests in flight.
    @Test(.enabled(if: ProcessInfo.processInfo.environment[folderVariable] != nil))
    func writerThatIsKilled() throws {
        let environment = ProcessInfo.processInfo.environment
        let folder = try #require(environment[Self.folderVariable])
        let round = try #require(environment["PROPYLON_KILL_TEST_ROUND"].flatMap(UInt64.init))
        let writer = try LedgerWriter(LedgerDatabase(directory: folder))
        let pipe = open(folder + "/pipe", O_WRONLY)
        let numbers = Atomic<UInt64>(round << 32)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            while true {
                let under = (0..<3).map { _ in numbers.add(1, ordering: .relaxed).newValue }
                let slots = under.compactMap { number -> Int? in
                    let slot = writer.beginning(Self.record(number, .begun))
                    Self.say(.begun, number, to: pipe)
                    return slot
                }
                // The upstream never answers some of them.
                for (number, slot) in zip(under, slots) where !Self.isUnanswered(number) {
                    let entry = InFlight(slot: slot)
                    writer.progress(entry, UsageProgress(Self.record(number, .answering)))
                    writer.end(entry, Self.record(number, .finished))
                    Self.say(.ended, number, to: pipe)
                }
            }
        }
    }

    private static func say(_ mark: Mark, _ number: UInt64, to pipe: CInt) {
        withUnsafeTemporaryAllocation(byteCount: 9, alignment: 1) { bytes in
            bytes[0] = mark.rawValue
            bytes.storeBytes(of: number, toByteOffset: 1, as: UInt64.self)
            _ = write(pipe, bytes.baseAddress, 9)
        }
    }

    /// Runs a writer, kills it after so many marks, and returns all its marks.
    private func killedWriter(
        _ folder: String, _ pipe: String, round: Int, afterMarks count: Int
    ) throws -> [(Mark, UInt64)] {
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let process = try ChildProcess(
            test: "writerThatIsKilled",
            variables: [Self.folderVariable: folder, "PROPYLON_KILL_TEST_ROUND": "\(round)"])
        var said: [UInt8] = []
        var isKilled = false
        while true {
            var waiting = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 30_000) > 0 else {
                process.kill()
                Issue.record("the other process says nothing")
                break
            }
            var bytes = [UInt8](repeating: 0, count: 9 * 512)
            let read = read(reader, &bytes, bytes.count)
            if read > 0 { said += bytes.prefix(read) }
            if !isKilled, said.count >= count * 9 {
                process.kill()
                isKilled = true
            }
            if read == 0 { break }
        }
        process.wait()
        #expect(isKilled)
        return stride(from: 0, through: said.count - 9, by: 9).compactMap { start in
            let number = said[(start + 1)..<(start + 9)].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Mark(rawValue: said[start]).map { ($0, number) }
        }
    }

    private static func isUnanswered(_ number: UInt64) -> Bool { number % 100 == 7 }

    private static func record(_ number: UInt64, _ stage: Stage) -> UsageRecord {
        var record = UsageRecord(
            id: RequestID(high: (0x0190_0000_0000 + number) << 16 | 0x7000, low: number), keyID: "key \(number % 7)",
            team: nil,
            endpoint: "chat/completions", startedAt: Timestamp(seconds: 1_790_000_000))
        record.units.inputTokens = 5
        record.exactness = .interrupted
        switch stage {
        case .begun: record.units.outputTokens = Int64(number % 1000)
        case .answering: record.units.outputTokens = Int64(number % 1000) + 1000
        case .finished:
            record.units.outputTokens = Int64(number % 1000) + 2000
            record.exactness = .exact
            record.upstreamID = "up \(number)"
        }
        record.cost = NanoEuros(record.units.outputTokens * 3)
        return record
    }

    private struct Expected: Equatable {
        let keyID: String
        let outputTokens: Int64
        let upstreamID: String?
        let cost: Int64
        let exactness: String
        let ending: String

        init(number: UInt64, _ stage: Stage) {
            let record = KillTests.record(number, stage)
            keyID = record.keyID
            outputTokens = record.units.outputTokens
            upstreamID = record.upstreamID
            cost = record.cost.amount
            exactness = stage == .finished ? "exact" : "interrupted"
            ending = stage == .finished ? "complete" : "gateway_died"
        }

        init(_ row: Row) {
            keyID = row["key_id"]
            outputTokens = row["output_tokens"]
            upstreamID = row["upstream_id"]
            cost = row["cost"]
            exactness = row["exactness"]
            ending = row["ending"]
        }
    }

    private static func rows(_ database: Database) throws -> [UInt64: Expected] {
        var rows: [UInt64: Expected] = [:]
        let cursor = try Row.fetchCursor(
            database, sql: "SELECT id, key_id, output_tokens, upstream_id, cost, exactness, ending FROM usage")
        while let row = try cursor.next() {
            let id: Data = row["id"]
            rows[id.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }] = Expected(row)
        }
        return rows
    }
}
