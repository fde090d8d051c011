import Clocks
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct UsageGroupTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    @Test func aGroupComesBackAsItWas() throws {
        var generator = SeededGenerator(seed: 81)
        try database.writing { database in
            var numbers = UsageGroupNumbers()
            for _ in 0..<200 {
                let group = UsageGroup(.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator))
                let number = try numbers.number(of: group, day: 0, in: database)
                let columns = UsageGroup.columns.joined(separator: ", ")
                let row = try Row.fetchOne(
                    database, sql: "SELECT \(columns) FROM usage_groups WHERE id = ?", arguments: [number])
                #expect(try UsageGroup(#require(row), from: 0) == group)
            }
        }
    }

    @Test func aNumberHoldsForAllWriters() throws {
        let group = self.group("k")
        let numbers = try (0..<3).map { _ in
            try database.writing { database in
                var numbers = UsageGroupNumbers()
                return try numbers.number(of: group, day: 0, in: database)
            }
        }
        #expect(Set(numbers).count == 1)
    }

    @Test func moreGroupsThanMemoryHoldsKeepTheirNumbers() throws {
        try database.writing { database in
            var numbers = UsageGroupNumbers()
            let first = try (0..<5000).map { try numbers.number(of: group("k\($0)"), day: 0, in: database) }
            let second = try (0..<5000).map { try numbers.number(of: group("k\($0)"), day: 0, in: database) }
            #expect(first == second)
            #expect(Set(first).count == 5000)
        }
    }

    @Test func theModelIsTheServedOneElseTheRequestedOne() {
        var record = self.record("k")
        #expect(UsageGroup(record).model == nil)
        record.modelAsked = "asked"
        #expect(UsageGroup(record).model == "asked")
        record.modelServed = "served"
        #expect(UsageGroup(record).model == "served")
    }

    private func group(_ key: String) -> UsageGroup { UsageGroup(record(key)) }

    private func record(_ key: String) -> UsageRecord {
        UsageRecord(
            id: RequestID(high: 1, low: 1), keyID: key, team: nil, endpoint: "e", startedAt: Timestamp(seconds: 1))
    }
}
