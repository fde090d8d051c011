import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct RetentionTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let paris: TimeZone

    init() throws {
        database = try LedgerDatabase(directory: folder.path)
        paris = try #require(TimeZone(identifier: "Europe/Paris"))
    }

    /// Days around the end of summer time, folded piece by piece.
    @Test func reportsSayTheSameBeforeAndAfter() throws {
        let first = try Timestamp("2026-10-20T00:00:00Z").seconds
        var generator = SeededGenerator(seed: 31)
        let writer = try LedgerWriter(database)
        for _ in 0..<3000 {
            writer.record(.random(between: first, and: first + 10 * 86_400, using: &generator))
        }
        #expect(writer.flush())
        let before = try reports()
        let retention = Retention(database, timeZone: paris)
        let moment = try Timestamp("2026-10-27T15:00:00+01:00")
        var folded = 0
        while case let count = try retention.fold(before: moment, atMost: 157), count > 0 {
            #expect(count <= 157)
            folded += count
            #expect(try reports() == before)
        }
        let end = try Timestamp("2026-10-27T00:00:00+01:00")
        let old = try database.reading {
            try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage WHERE started_at < ?", arguments: [end.microseconds])
        }
        #expect(old == 0)
        #expect(try rowCount() == 3000 - folded)
        #expect(folded > 1500)
        // What is folded is not touched by making the rest again.
        let totals = try database.totals()
        try database.rebuildTotals()
        #expect(try database.totals() == totals)
        #expect(try reports() == before)
        // From a day's beginning on, old days are counted or not as a whole.
        let day = try Timestamp("2026-10-25T00:00:00+02:00")
        let since = try UsageReport(database).report(by: [.day], since: day, timeZone: paris, energy: .vendor)
        #expect(since == (before.days.filter { ($0[.day] ?? "") >= "2026-10-25" }))
    }

    /// Nobody deletes them, unlike files, batches and conversations.
    @Test func oldResponsesAreForgotten() async throws {
        let resources = ResourceStore(database)
        let now = Timestamp(seconds: 2_000_000)
        for (number, kind) in OwnedResource.Kind.allCases.enumerated() {
            for (age, time) in [("old", 1_000_000), ("new", 1_900_000)] as [(String, Int64)] {
                try await resources.add(
                    OwnedResource(
                        id: "\(number)-\(age)", kind: kind, keyID: "k", team: nil, createdAt: Timestamp(seconds: time)))
            }
        }
        func ids(_ kind: OwnedResource.Kind) throws -> [String] {
            try database.reading {
                try String.fetchAll(
                    $0, sql: "SELECT id FROM objects WHERE kind = ? ORDER BY id", arguments: [kind.rawValue])
            }
        }
        try Retention(database, timeZone: paris).run(before: nil, at: now)
        for kind in OwnedResource.Kind.allCases { #expect(try ids(kind).count == 2) }
        try Retention(database, timeZone: paris).run(before: Timestamp(seconds: 1_500_000), at: now)
        for kind in OwnedResource.Kind.allCases {
            #expect(try ids(kind).map { String($0.suffix(3)) } == (kind == .response ? ["new"] : ["new", "old"]))
        }
    }

    @Test func manyOldResponsesAreForgottenInSlices() throws {
        try database.writing { database in
            for number in 0..<2500 {
                try database.execute(
                    sql: "INSERT INTO objects VALUES (?, 'response', 'k', NULL, 5, NULL, 0, NULL)",
                    arguments: ["resp_\(number)"])
            }
        }
        try Retention(database, timeZone: paris).run(before: Timestamp(seconds: 1), at: Timestamp(seconds: 2))
        #expect(try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM objects") } == 0)
    }

    @Test(arguments: [Int64.min, 0, .max]) func aClockAtTheEndsOfTimeDoesNotTrap(microseconds: Int64) throws {
        #expect(try Retention(database, timeZone: paris).fold(before: Timestamp(microseconds: microseconds)) == 0)
    }

    @Test func rowsThatComeLateAreFoldedLater() throws {
        let writer = try LedgerWriter(database)
        let retention = Retention(database, timeZone: paris)
        let moment = try Timestamp("2026-10-27T15:00:00+01:00")
        for number in 0..<3 {
            let start = try Timestamp("2026-10-25T12:00:00+01:00")
            let id = RequestID(at: start, random: (0, UInt64(number)))
            writer.record(UsageRecord(id: id, keyID: "k", team: nil, endpoint: "e", startedAt: start))
            #expect(writer.flush())
            #expect(try retention.fold(before: moment) == 1)
            #expect(try retention.fold(before: moment) == 0)
            let rows = try UsageReport(database).report(by: [.day], timeZone: paris, energy: .vendor)
            #expect(rows.map { $0[.day] } == ["2026-10-25"])
            #expect(rows.map(\.requests) == [Int64(number + 1)])
        }
        #expect(try rowCount() == 0)
    }

    /// Users, tags and models that nothing used go with the rows, and so do their groups.
    @Test func wordsOfClientsDoNotOutliveTheirRows() throws {
        let first = try Timestamp("2026-10-20T00:00:00Z").seconds
        var generator = SeededGenerator(seed: 32)
        let writer = try LedgerWriter(database)
        for number in 0..<2000 {
            var record = UsageRecord.random(between: first, and: first + 2 * 86_400, using: &generator)
            record.user = "user \(number)"
            record.tags = ["tag \(number % 40)"]
            if number % 4 == 0 {
                record.modelServed = "model that is not there \(number)"
                record.units = BillableUnits()
                record.cost = .zero
            }
            writer.record(record)
        }
        #expect(writer.flush())
        let before = try reports().keys
        let now = try Timestamp("2026-10-30T15:00:00+01:00")
        #expect(try Retention(database, timeZone: paris).run(before: now, at: now) == 2000)
        #expect(try reports().keys == before)
        let groups = try groups()
        #expect(groups.allSatisfy { $0.user == nil && $0.tags == nil && $0.modelAsked == nil })
        #expect(Set(groups.map(\.modelServed)) == [nil, "gpt-oss:120b", "qwen3:14b", "gpt-4o"])
        #expect(try count("usage_words") == 0)
        // The writer remembers the numbers of groups that are gone.
        var record = UsageRecord.random(between: first, and: first + 86_400, using: &generator)
        record.user = "user 7"
        writer.record(record)
        #expect(writer.flush())
        #expect(try self.groups().contains { $0.user == "user 7" })
        #expect(writer.close() == 0)
        database.close()
    }

    /// An archive of a version that kept the words.
    @Test func anOlderArchiveLosesItsWords() throws {
        var generator = SeededGenerator(seed: 33)
        try database.writing { database in
            for number in 0..<300 {
                let record = UsageRecord.random(between: 1_700_000_000, and: 1_700_600_000, using: &generator)
                var group = UsageGroup(record)
                group.user = "user \(number)"
                var change = TotalsChange()
                change.add(
                    UsageTotals(record), group: try UsageGroupNumbers.number(of: group, in: database),
                    at: Quarter(of: record.startedAt))
                try change.apply(to: .archive, in: database)
            }
        }
        let before = try reports()
        let now = try Timestamp("2026-10-30T15:00:00+01:00")
        #expect(try Retention(database, timeZone: paris).run(before: now, at: now) == 0)
        #expect(try reports() == before)
        #expect(try groups().allSatisfy { $0.user == nil && $0.tags == nil && $0.modelAsked == nil })
        database.close()
    }

    /// A request of a group that is about to be removed.
    @Test func aGroupThatIsUsedAgainStays() throws {
        let start = try Timestamp("2026-10-20T12:00:00Z")
        let now = try Timestamp("2026-10-30T15:00:00+01:00")
        let writer = try LedgerWriter(database)
        func record(_ number: UInt64, at moment: Timestamp) -> UsageRecord {
            var record = UsageRecord(
                id: RequestID(at: moment, random: (number, number)), keyID: "k", team: nil, endpoint: "e",
                startedAt: moment)
            record.user = "ada"
            return record
        }
        for round in 0..<5 as Range<UInt64> {
            writer.record(record(round, at: start))
            #expect(writer.flush())
            try Retention(database, timeZone: paris).run(before: now, at: now)
            writer.record(record(100 + round, at: now))
            #expect(writer.flush())
        }
        let rows = try UsageReport(database).report(by: [.user], timeZone: paris, energy: .vendor)
        #expect(rows.map { $0[.user] } == [nil, "ada"])
        #expect(rows.map(\.requests) == [5, 5])
        #expect(try rowCount() == 5)
        #expect(writer.close() == 0)
        database.close()
    }

    @Test func aCancelledRunStopsBetweenSlices() throws {
        let first = try Timestamp("2026-10-20T00:00:00Z").seconds
        var generator = SeededGenerator(seed: 34)
        let writer = try LedgerWriter(database)
        for _ in 0..<3000 { writer.record(.random(between: first, and: first + 86_400, using: &generator)) }
        #expect(writer.close() == 0)
        let now = try Timestamp("2026-10-30T15:00:00+01:00")
        var looks = 0
        let folded = try Retention(database, timeZone: paris).run(before: now, at: now) {
            looks += 1
            // Two looks at the words of before, one at old responses, then two slices of rows.
            return looks > 5
        }
        #expect(folded == 2000)
        #expect(try rowCount() == 1000)
        database.close()
    }

    @Test(arguments: ["Europe/Paris", "America/Santiago", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Kiritimati"])
    func daysBeginWhereTheCalendarSays(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        var days = LocalDays(zone)
        var date = calendar.startOfDay(for: Date(timeIntervalSince1970: 1_767_225_600))
        for _ in 0..<730 {
            let quarter = Quarter(of: Timestamp(seconds: Int64(date.timeIntervalSince1970)))
            #expect(days.start(of: days.day(of: quarter)) == quarter)
            date = calendar.startOfDay(for: date.addingTimeInterval(36 * 3600))
        }
    }

    private struct Reports: Equatable {
        let sum: [UsageRow]
        let days: [UsageRow]
        let months: [UsageRow]
        let keys: [UsageRow]
    }

    private func reports() throws -> Reports {
        func rows(_ groupings: [UsageGrouping]) throws -> [UsageRow] {
            try UsageReport(database).report(by: groupings, timeZone: paris, energy: .vendor)
        }
        return Reports(
            sum: try rows([]), days: try rows([.day]), months: try rows([.month, .model]),
            keys: try rows([.key, .team, .endpoint, .status]))
    }

    private func groups() throws -> [UsageGroup] {
        try database.reading { database in
            let columns = UsageGroup.columns.joined(separator: ", ")
            return try Row.fetchAll(database, sql: "SELECT \(columns) FROM usage_groups").map {
                UsageGroup($0, from: 0)
            }
        }
    }

    private func count(_ table: String) throws -> Int? {
        try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \(table)") }
    }

    private func rowCount() throws -> Int? {
        try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage") }
    }
}
