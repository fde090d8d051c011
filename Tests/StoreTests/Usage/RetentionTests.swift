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
            sum: try rows([]), days: try rows([.day]), months: try rows([.month, .model, .tag]),
            keys: try rows([.key, .team, .user, .endpoint, .status]))
    }

    private func rowCount() throws -> Int? {
        try database.reading { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage") }
    }
}
