import Clocks
import Foundation
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct UsageRowsTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    private func insert(_ records: [UsageRecord]) throws {
        let writer = try LedgerWriter(database)
        for record in records { writer.record(record) }
        #expect(writer.flush())
    }

    private func records(_ count: Int, seed: UInt64 = 1) -> [UsageRecord] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in .random(between: 1_790_000_000, and: 1_790_000_600, using: &generator) }
    }

    /// Every row comes once, however many are read at once.
    @Test(arguments: [1, 2, 7, 99, 100, 101]) func slicesLoseAndRepeatNothing(slice: Int) throws {
        let records = records(100)
        try insert(records)
        var found: [UsageRecord] = []
        try UsageRows(database, slice: slice).forEach { found.append($0) }
        #expect(found.sorted { $0.id < $1.id } == records.sorted { $0.id < $1.id })
        database.close()
    }

    @Test func sinceIsIncludedAndUntilIsNot() throws {
        let records = records(300)
        try insert(records)
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<50 {
            let first = try #require(records.randomElement(using: &generator)).startedAt
            let last = try #require(records.randomElement(using: &generator)).startedAt
            var found = 0
            try UsageRows(database, slice: 50).forEach(since: first, until: last) { _ in found += 1 }
            #expect(found == records.count { $0.startedAt >= first && $0.startedAt < last })
        }
        database.close()
    }

    @Test func aRequestIsFoundByEitherID() throws {
        var records = records(50)
        for index in records.indices { records[index].upstreamID = "chatcmpl-\(index)" }
        records[7].upstreamID = "batch_1"
        records[8].upstreamID = "batch_1"
        try insert(records)
        let rows = UsageRows(database)
        for record in records {
            #expect(try rows.rows(withID: "\(record.id)") == [record])
            #expect(try rows.rows(withID: "\(record.id)".uppercased()) == [record])
        }
        #expect(try rows.rows(withID: "chatcmpl-3") == [records[3]])
        #expect(try rows.rows(withID: "batch_1").count == 2)
        #expect(try rows.rows(withID: "\(RequestID(high: 1, low: 2))").isEmpty)
        for text in ["", "x", "ffffffff-ffff-ffff-ffff-ffffffffffff", "01900000-0000-7000-8000-00000000000g"] {
            #expect(try rows.rows(withID: text).isEmpty)
        }
        database.close()
    }

    /// Ids that want one number stand one after the other.
    @Test func neighboursAreToldApart() throws {
        let records = (0..<20).map { index in
            UsageRecord(
                id: RequestID(high: 0x019A_0000_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(index)), keyID: "k",
                team: nil, endpoint: "embeddings", startedAt: Timestamp(seconds: 1_790_000_000))
        }
        try insert(records)
        for record in records { #expect(try UsageRows(database).rows(withID: "\(record.id)") == [record]) }
        database.close()
    }
}
