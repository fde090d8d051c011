import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct UsageInsertTests {
    @Test func everyMemberStandsInItsColumn() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var generator = SeededGenerator(seed: 7)
        var records = (0..<300).map { _ in
            UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
        }
        records.append(extremes)
        try database.pool.write { database in
            var numbers = UsageGroupNumbers()
            try UsageTable.insert(
                records.map { PendingRow(record: $0, slot: nil) }, records.indices, &numbers, into: database)
        }
        let read = try database.pool.read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM usage ORDER BY id").map(record)
        }
        let isSame = read == records.sorted { $0.id < $1.id }
        #expect(isSame)
    }

    @Test func textIsKeptBeyondANul() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        var record = extremes
        record.upstreamID = "a\0b"
        try database.pool.write { database in
            var numbers = UsageGroupNumbers()
            try UsageTable.insert([PendingRow(record: record, slot: nil)], 0..<1, &numbers, into: database)
        }
        let text = try database.pool.read { try Data.fetchOne($0, sql: "SELECT CAST(upstream_id AS BLOB) FROM usage") }
        #expect(text == Data("a\0b".utf8))
    }

    @Test func requestsOfOneNumberAllHaveTheirRow() throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        // They differ in bits that the number leaves out.
        let rows = (0..<5 as Range<UInt64>).map { low in
            let id = RequestID(high: 0x0199_0000_0000_7123, low: 0x8000_0000_0000_0000 + low)
            return PendingRow(
                record: UsageRecord(id: id, keyID: "k", team: nil, endpoint: "e", startedAt: Timestamp(seconds: 0)),
                slot: nil)
        }
        #expect(Set(rows.map(\.record.id.rowNumber)).count == 1)
        for part in [0..<3, 1..<5, 0..<5] {
            try database.pool.write { database in
                var numbers = UsageGroupNumbers()
                try UsageTable.insert(rows, part, &numbers, into: database)
            }
        }
        let ids = try database.pool.read { try Data.fetchAll($0, sql: "SELECT id FROM usage ORDER BY number") }
        #expect(ids == rows.map(\.record.id.data))
        let total = try UsageReport(database).report(by: [], timeZone: .gmt, energy: .vendor)
        #expect(total.map(\.requests) == [5])
    }

    @Test func numbersOfRowsRiseWithTheirTime() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<1000 {
            let moment = Timestamp(microseconds: .random(in: 0..<4_398_046_511_103_000, using: &generator))
            let id = RequestID(at: moment, random: (.random(in: 0 ... .max, using: &generator), .max))
            #expect(id.rowNumber >= RequestID.firstRowNumber(at: moment))
            #expect(id.rowNumber < RequestID.firstRowNumber(at: moment + .milliseconds(1)))
        }
    }

    /// Numbers at their bounds, empty text and long text.
    private var extremes: UsageRecord {
        var record = UsageRecord(
            id: RequestID(high: .max, low: .max), keyID: "", team: "", endpoint: "é",
            startedAt: Timestamp(microseconds: .max))
        record.units.inputTokens = .max
        record.units.outputTokens = .min
        record.cost = NanoEuros(.max)
        record.backend = String(repeating: "é", count: 5000)
        return record
    }

    private func record(_ row: Row) throws -> UsageRecord {
        let id: Data = row["id"]
        func word(_ bytes: Data) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        var record = UsageRecord(
            id: RequestID(high: word(id.prefix(8)), low: word(id.suffix(8))), keyID: row["key_id"], team: row["team"],
            endpoint: row["endpoint"], startedAt: Timestamp(microseconds: row["started_at"]))
        record.upstreamID = row["upstream_id"]
        record.user = row["user"]
        record.tags = (row["tags"] as String?)?.split(separator: ",").map(String.init) ?? []
        record.modelAsked = row["model_asked"]
        record.modelServed = row["model_served"]
        record.backend = row["backend"]
        record.status = row["status"]
        for unit in Unit.allCases { record.units[unit] = row[unit.column] }
        record.exactness = try #require(Exactness(rawValue: row["exactness"]))
        record.cost = NanoEuros(row["cost"])
        record.firstByteAt = (row["first_byte_at"] as Int64?).map(Timestamp.init(microseconds:))
        record.endedAt = Timestamp(microseconds: row["ended_at"])
        record.requestBytes = row["request_bytes"]
        record.responseBytes = row["response_bytes"]
        record.streamed = row["streamed"]
        record.countsAsRequest = row["counts_as_request"]
        record.ending = try #require(Ending(rawValue: row["ending"]))
        record.cause = (row["cause"] as String?).flatMap(Cause.init)
        record.refusedBy = (row["refused_by"] as String?).flatMap(LimitName.init)
        return record
    }
}
