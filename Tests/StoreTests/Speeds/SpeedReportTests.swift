import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct SpeedReportTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let paris: TimeZone
    private let first: Int64 = 1_790_000_000
    private let last: Int64 = 1_790_400_000

    init() throws {
        database = try LedgerDatabase(directory: folder.path)
        paris = try #require(TimeZone(identifier: "Europe/Paris"))
    }

    private func fill(_ count: Int, seed: UInt64) throws -> [UsageRecord] {
        var generator = SeededGenerator(seed: seed)
        let records = (0..<count).map { _ in UsageRecord.measured(between: first, and: last, using: &generator) }
        let writer = try LedgerWriter(database)
        for slice in 0..<4 {
            // Several transactions: values grow, and older quarters too.
            for record in records[(slice * count / 4)..<((slice + 1) * count / 4)] { writer.record(record) }
            #expect(writer.flush())
        }
        return records
    }

    /// For any groups, span and filter: as many requests as were measured, and percentiles within a 32nd of the exact ones.
    @Test func agreesWithTheRecords() throws {
        let records = try fill(1200, seed: 61)
        var generator = SeededGenerator(seed: 62)
        for _ in 0..<60 {
            let bounds = (0..<2).map { _ in Timestamp(seconds: .random(in: first..<last, using: &generator)) }.sorted()
            let grouping: UsageGrouping? = [nil, .key, .model, .team].randomElement(using: &generator) ?? nil
            var filter = UsageFilter()
            if Bool.random(using: &generator) { filter.admit("chat/completions", of: .endpoint) }
            let rows = try UsageReport(database).report(
                by: grouping.map { [$0] } ?? [], since: bounds[0], until: bounds[1], where: filter, timeZone: paris,
                energy: .vendor, withSpeeds: true)
            let within = records.filter {
                $0.startedAt >= bounds[0] && $0.startedAt < bounds[1] && filter.admits(UsageGroup($0))
            }
            let groups = Dictionary(grouping: within) { record -> String? in
                switch grouping {
                case .key: record.keyID
                case .model: record.modelServed ?? record.modelAsked
                case .team: record.team
                default: nil
                }
            }
            #expect(rows.count == (grouping == nil ? 1 : groups.count))
            for row in rows { expect(row, of: groups[grouping.flatMap { row[$0] }] ?? []) }
        }
        database.close()
    }

    private func expect(_ row: UsageRow, of records: [UsageRecord]) {
        for measure in SpeedMeasure.allCases {
            let values = records.compactMap { measure.value(of: $0) }.sorted { measure.isRate ? $0 > $1 : $0 < $1 }
            #expect(row.speeds?.requests(measure) == Int64(values.count))
            for percent: Int64 in [1, 50, 95, 99, 100] {
                let found = row.speeds?.percentile(percent, measure)
                guard let found, !values.isEmpty else {
                    #expect(found == nil && values.isEmpty)
                    continue
                }
                // The nearest rank: so many percent of the requests were as fast or faster.
                let exact = values[(values.count * Int(percent) + 99) / 100 - 1]
                #expect(32 * (found - exact).magnitude <= exact.magnitude, "\(measure) \(percent): \(found), \(exact)")
            }
        }
    }

    @Test func hoursAreThoseOfTheZoneAndSumsAddUp() throws {
        let records = try fill(600, seed: 63)
        let rows = try UsageReport(database).report(by: [.hour], timeZone: paris, energy: .vendor, withSpeeds: true)
        #expect(rows.count > 50)
        let sum = rows.reduce(into: UsageRow(groups: [])) { $0.add($1) }
        expect(sum, of: records)
        let without = try UsageReport(database).report(by: [.hour], timeZone: paris, energy: .vendor)
        #expect(without.allSatisfy { $0.speeds == nil })
        database.close()
    }

    @Test func rebuildMendsWhateverIsWrong() throws {
        _ = try fill(500, seed: 64)
        let right = try speeds()
        #expect(right.count > 20)
        for spoil in [
            "DELETE FROM usage_speeds WHERE period % 2 = 0", "UPDATE usage_speeds SET entries = x'FF'",
            "UPDATE usage_speeds SET entries = x'04020202'",
            "INSERT INTO usage_speeds SELECT place, period + 9, group_id, entries FROM usage_speeds WHERE true ON CONFLICT DO NOTHING",
            "DELETE FROM usage_speeds",
        ] {
            try database.writing { try $0.execute(sql: spoil) }
            #expect(try speeds() != right)
            try database.rebuildTotals()
            #expect(try speeds() == right)
        }
        database.close()
    }

    @Test func damageIsNamed() throws {
        _ = try fill(40, seed: 65)
        try database.writing { try $0.execute(sql: "UPDATE usage_speeds SET entries = x'FF'") }
        #expect(throws: LedgerError.self) {
            try UsageReport(database).report(by: [], timeZone: paris, energy: .vendor, withSpeeds: true)
        }
        #expect(throws: Never.self) { try UsageReport(database).report(by: [], timeZone: paris, energy: .vendor) }
        database.close()
    }

    /// Speeds go with the rows, at the latest six hours' worth later, and none outlives its group.
    @Test func retentionForgetsThem() throws {
        let records = try fill(1000, seed: 66)
        let moment = Timestamp(seconds: first + 200_000)
        try Retention(database, timeZone: paris).run(before: moment, at: Timestamp(seconds: last))
        let rows = try UsageReport(database).report(by: [.day], timeZone: paris, energy: .vendor, withSpeeds: true)
        let day = Timestamp(seconds: LocalDays(paris).day(of: Quarter(of: moment)) * 86_400)
        let kept = records.filter { $0.startedAt >= moment }
        let after = try UsageReport(database).report(
            by: [], since: moment, timeZone: paris, energy: .vendor, withSpeeds: true)
        #expect(!kept.isEmpty)
        for row in after { expect(row, of: kept) }
        let old = rows.filter { ($0[.day] ?? "") < CalendarText.day(day.seconds / 86_400 - 1) }
        #expect(old.count >= 1)
        #expect(old.allSatisfy { $0.speeds?.requests(.duration) == 0 })
        database.close()
    }

    /// A ledger of before has no speeds until they are made from its rows.
    @Test func anOlderLedgerGetsThemByRebuild() throws {
        let records = try fill(100, seed: 67)
        try database.writing { database in
            try database.execute(
                sql: "DROP TABLE usage_speeds; DELETE FROM grdb_migrations WHERE identifier = '18: speeds'")
        }
        database.close()
        let newer = try LedgerDatabase(directory: folder.path)
        defer { newer.close() }
        let report = UsageReport(newer)
        let before = try report.report(by: [], timeZone: paris, energy: .vendor, withSpeeds: true)
        #expect(before.map { $0.speeds?.requests(.duration) } == [0])
        try newer.rebuildTotals()
        let after = try report.report(by: [], timeZone: paris, energy: .vendor, withSpeeds: true)
        for row in after { expect(row, of: records) }
    }

    private func speeds() throws -> [String: Data] {
        let sql = "SELECT place || ' ' || period || ' ' || group_id, entries FROM usage_speeds"
        let rows = try database.reading { try Row.fetchAll($0, sql: sql) }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
    }
}
