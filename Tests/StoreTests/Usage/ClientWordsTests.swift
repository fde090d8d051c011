import Clocks
import Foundation
import GRDB
import Policy
import Testing

@testable import Store

@Suite struct ClientWordsTests {
    private static let day: Int64 = 20_000

    private let folder = TemporaryFolder()
    private let database: LedgerDatabase

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    /// One client, a new word of every kind in each request.
    @Test func aFloodOfWordsMakesFewGroups() throws {
        let records = (0..<6000).map { number in
            record(number) {
                $0.user = "user \(number)"
                $0.tags = ["tag \(number)"]
                $0.modelAsked = "asked \(number)"
                $0.modelServed = "served \(number)"
            }
        }
        try insert(records)
        #expect(try groups() <= 1001)
        let report = try UsageReport(database).report(by: [.user], timeZone: .gmt, energy: .vendor)
        #expect(report.count == 1001)
        #expect(report.first { $0[.user] == "(other)" }?.requests == 5000)
        #expect(report.first { $0[.user] == "user 999" }?.requests == 1)
        // Nothing that was used is missing.
        let sum = try UsageReport(database).report(by: [], timeZone: .gmt, energy: .vendor)
        #expect(sum.map(\.requests) == [6000])
        #expect(sum.map(\.cost.amount) == [6000 * 7])
        database.close()
    }

    /// Few users, few tags, few models, and each of their combinations.
    @Test func combinationsAreBoundedToo() throws {
        var records: [UsageRecord] = []
        for user in 0..<100 {
            for tag in 0..<100 {
                records.append(
                    record(records.count) {
                        $0.user = "user \(user)"
                        $0.tags = ["tag \(tag)"]
                    })
            }
        }
        try insert(records)
        #expect(try groups() <= 4001)
        database.close()
    }

    @Test func eachKeyAndDayHasItsOwnWords() throws {
        try insert((0..<1100).map { number in record(number) { $0.user = "user \(number)" } })
        try insert([
            record(2000) { $0.user = "user 1" }, record(2001) { $0.user = "new" },
            record(2002, key: "other") { $0.user = "new" }, record(2003, day: Self.day + 1) { $0.user = "newer" },
        ])
        let report = try UsageReport(database).report(by: [.key, .user], timeZone: .gmt, energy: .vendor)
        func requests(_ key: String, _ user: String) -> Int64? {
            report.first { $0[.key] == key && $0[.user] == user }?.requests
        }
        #expect(requests("k", "(other)") == 101)
        #expect(requests("k", "user 1") == 2)
        #expect(requests("k", "new") == nil)
        #expect(requests("other", "new") == 1)
        #expect(requests("k", "newer") == 1)
        database.close()
    }

    /// Each insertion is a writer of its own, as after a restart, and in two processes.
    @Test func theBoundHoldsOverRestarts() throws {
        for number in 0..<1100 { try insert([record(number) { $0.user = "user \(number)" }]) }
        let report = try UsageReport(database).report(by: [.user], timeZone: .gmt, energy: .vendor)
        #expect(report.count == 1001)
        #expect(report.first { $0[.user] == "(other)" }?.requests == 100)
        database.close()
    }

    @Test func aKnownUserOfTheLastDayIsCountedAgain() throws {
        var numbers = UsageGroupNumbers()
        try database.writing { database in
            let group = UsageGroup(record(1) { $0.user = "ada" })
            let first = try numbers.number(of: group, day: 1, in: database)
            #expect(try numbers.number(of: group, day: 2, in: database) == first)
            let days = try Int64.fetchAll(database, sql: "SELECT day FROM usage_words WHERE kind = 0 ORDER BY day")
            #expect(days == [1, 2])
        }
        database.close()
    }

    @Test func countsOfBeforeAreForgotten() throws {
        try insert((0..<2500).map { number in record(number, key: "k\(number % 9)") { $0.user = "user \(number)" } })
        try insert([record(3000, day: Self.day + 1) { $0.user = "user" }])
        let retention = Retention(database, timeZone: .gmt)
        try retention.run(before: nil, at: Timestamp(seconds: (Self.day + 1) * 86_400 + 5))
        #expect(try words() > 2500)
        try retention.run(before: nil, at: Timestamp(seconds: (Self.day + 2) * 86_400 + 5))
        #expect(try words() == 2)
        database.close()
    }

    @Test func modelsOfAnAliasAreNoWordsIfTheyAreTheSame() throws {
        try insert(
            (0..<300).map { number in
                record(number) {
                    $0.modelAsked = "gpt-oss:120b"
                    $0.modelServed = "gpt-oss:120b"
                }
            })
        #expect(try groups() == 1)
        #expect(try words() == 1)
        database.close()
    }

    private func record(
        _ number: Int, key: String = "k", day: Int64 = day, _ change: (inout UsageRecord) -> Void
    ) -> UsageRecord {
        let start = Timestamp(seconds: day * 86_400 + 60)
        var record = UsageRecord(
            id: RequestID(at: start, random: (UInt64(number), UInt64(number))), keyID: key, team: nil,
            endpoint: "chat/completions", startedAt: start)
        record.status = 200
        record.cost = NanoEuros(7)
        change(&record)
        return record
    }

    private func insert(_ records: [UsageRecord]) throws {
        let rows = records.map { PendingRow(record: $0, slot: nil) }
        var numbers = UsageGroupNumbers()
        try database.writing { try UsageTable.insert(rows, rows.indices, &numbers, into: $0) }
    }

    private func groups() throws -> Int { try count("usage_groups") }
    private func words() throws -> Int { try count("usage_words") }

    private func count(_ table: String) throws -> Int {
        try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \(table)") ?? 0 }
    }
}
