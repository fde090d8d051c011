import Clocks
import GRDB
import Policy
import Testing

@testable import Store

@Suite struct GroupReaderTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    /// Few groups are read one by one, many in one scan: each comes with its number and as it was stored.
    @Test(arguments: [3, 499, 500, 501, 1200, 5000], [true, false])
    func everyGroupComesAsItIs(count: Int, needsMost: Bool) throws {
        try database.writing { database in
            var numbers: [Int64: UsageGroup] = [:]
            for number in 0..<count {
                let group = self.group(number)
                numbers[try UsageGroupNumbers.number(of: group, in: database)] = group
            }
            var known: [Int64: UsageGroup] = [:]
            var groups = GroupReader(database, needsMost: needsMost)
            var singles = 0
            var scans = 0
            for number in numbers.keys.sorted() where known[number] == nil {
                singles += 1
                try groups.read(number, beforeAll: { (scans, known) = (scans + 1, [:]) }) { known[$1] = $0 }
                #expect(known[number] != nil)
            }
            #expect(known == numbers)
            // An eighth of 5,000 is worth it, where not most are needed.
            let limit = count == 5000 && !needsMost ? 625 : 500
            #expect(scans == (count > limit ? 1 : 0))
            #expect(singles == min(count, limit + 1))
        }
        database.close()
    }

    @Test(arguments: [0, 700]) func aMissingGroupIsDamage(count: Int) throws {
        try database.writing { database in
            var known: Set<Int64> = []
            var groups = GroupReader(database, needsMost: true)
            let numbers = try (0..<count).map { try UsageGroupNumbers.number(of: self.group($0), in: database) }
            for number in numbers {
                if !known.contains(number) { try groups.read(number, beforeAll: {}) { known.insert($1) } }
            }
            #expect(throws: DatabaseError.self) { try groups.read(99_999, beforeAll: {}) { _, _ in } }
            #expect(throws: DatabaseError.self) { try groups.read(99_999, beforeAll: {}) { _, _ in } }
        }
        database.close()
    }

    private func group(_ number: Int) -> UsageGroup {
        var record = UsageRecord(
            id: RequestID(high: 1, low: 1), keyID: "k\(number % 3)", team: number % 2 == 0 ? nil : "zoë 🦉",
            endpoint: "chat/completions", startedAt: Timestamp(seconds: 1))
        record.user = number % 5 == 0 ? nil : "user \(number)"
        record.tags = number % 7 == 0 ? [] : ["a", "b"]
        record.modelAsked = number % 4 == 0 ? nil : "model \(number)"
        record.modelServed = "gpt-oss:120b"
        record.status = 200 + number
        return UsageGroup(record)
    }
}
