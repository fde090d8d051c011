import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct UsageReportTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let paris: TimeZone

    init() throws {
        database = try LedgerDatabase(directory: folder.path)
        paris = try #require(TimeZone(identifier: "Europe/Paris"))
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func agreesWithASlowModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        // From before the one change of the clock to after the other.
        let first = try Timestamp("2026-03-20T00:00:00Z").seconds
        let last = try Timestamp("2026-11-05T00:00:00Z").seconds
        let records = (0..<600).map { _ in UsageRecord.random(between: first, and: last, using: &generator) }
        try insert(records)
        let zones = try ["Europe/Paris", "UTC", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe"].map {
            try #require(TimeZone(identifier: $0))
        }
        for _ in 0..<100 {
            let groupings = UsageGrouping.allCases.shuffled(using: &generator).prefix(
                .random(in: 0...4, using: &generator))
            let bounds = [
                Timestamp(seconds: .random(in: first..<last, using: &generator)),
                Timestamp(seconds: .random(in: first..<last, using: &generator)),
            ].sorted()
            let isNarrow = Int.random(in: 0..<4, using: &generator) == 0
            let since = isNarrow || Bool.random(using: &generator) ? bounds[0] : nil
            let until =
                isNarrow
                ? bounds[0] + .seconds(.random(in: 0...200_000, using: &generator))
                : Bool.random(using: &generator) ? bounds[1] : nil
            let zone = zones.randomElement(using: &generator)!
            let rows = try UsageReport(database).report(
                by: Array(groupings), since: since, until: until, timeZone: zone, energy: energy)
            let expected = Self.model(
                records, by: Array(groupings), since: since, until: until, timeZone: zone, energy: energy)
            let differences = Set(rows.map(Comparison.init)).symmetricDifference(expected.map(Comparison.init))
            #expect(differences.isEmpty, "\(groupings.map(\.rawValue)) in \(zone.identifier)")
            #expect(rows.count == expected.count)
        }
        database.close()
    }

    @Test func daysAndHoursAroundTheChangesOfTheClock() throws {
        let moments = [
            "2026-03-28T23:59:59+01:00", "2026-03-29T00:00:00+01:00", "2026-03-29T01:59:59+01:00",
            "2026-03-29T03:00:00+02:00", "2026-03-29T23:59:59+02:00", "2026-03-30T00:00:00+02:00",
            "2026-10-25T00:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00",
            "2026-10-25T23:59:59+01:00", "2026-10-26T00:00:00+01:00",
        ]
        try insert(try moments.enumerated().map { try record(at: $1, number: $0) })
        let report = UsageReport(database)
        let days = try report.report(by: [.day], timeZone: paris, energy: energy)
        #expect(days.map { $0[.day] } == ["2026-03-28", "2026-03-29", "2026-03-30", "2026-10-25", "2026-10-26"])
        #expect(days.map(\.requests) == [1, 4, 1, 4, 1])

        let hours = try report.report(
            by: [.hour], since: Timestamp("2026-10-25T00:00:00+02:00"), until: Timestamp("2026-10-26T00:00:00+01:00"),
            timeZone: paris, energy: energy)
        #expect(
            hours.map { $0[.hour] } == [
                "2026-10-25T00:00+02:00", "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T23:00+01:00",
            ])
        let spring = try report.report(
            by: [.hour], since: Timestamp("2026-03-29T01:00:00+01:00"), until: Timestamp("2026-03-29T04:00:00+02:00"),
            timeZone: paris, energy: energy)
        #expect(spring.map { $0[.hour] } == ["2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"])

        let months = try report.report(by: [.month], timeZone: paris, energy: energy)
        #expect(months.map { $0[.month] } == ["2026-03", "2026-10"])
        #expect(months.map(\.requests) == [6, 5])
        database.close()
    }

    @Test func sinceIsIncludedAndUntilIsNot() throws {
        let moments = ["2026-11-01T00:00:00Z", "2026-11-01T00:00:01Z", "2026-11-01T00:00:02Z"]
        try insert(try moments.enumerated().map { try record(at: $1, number: $0) })
        let rows = try UsageReport(database).report(
            by: [], since: Timestamp(moments[0]), until: Timestamp(moments[2]), timeZone: paris, energy: energy)
        #expect(rows.map(\.requests) == [2])
        database.close()
    }

    @Test func anEmptyLedgerHasOneEmptySum() throws {
        let report = UsageReport(database)
        #expect(try report.report(by: [], timeZone: paris, energy: energy) == [UsageRow(groups: [])])
        #expect(try report.report(by: [.key], timeZone: paris, energy: energy).isEmpty)
        try insert([record(at: "2026-11-01T00:00:00Z", number: 1)])
        let nothing = try report.report(
            by: [], since: Timestamp("2027-01-01T00:00:00Z"), timeZone: paris, energy: energy)
        #expect(nothing == [UsageRow(groups: [])])
        database.close()
    }

    @Test func namesTheKeysThatAreKnown() throws {
        try KeyStore(database, by: .test).create(.plain("k1", name: "ada", digest: 1))
        var records = [
            try record(at: "2026-11-01T00:00:00Z", number: 1), try record(at: "2026-11-01T00:00:00Z", number: 2),
        ]
        records[0].keyID = "k1"
        records[1].keyID = "k2"
        try insert(records)
        let rows = try UsageReport(database).report(by: [.key, .key], timeZone: paris, energy: energy)
        #expect(rows.map { $0[.key] } == ["k1", "k2"])
        #expect(rows.map(\.keyName) == ["ada", nil])
        #expect(rows.map(\.groups.count) == [1, 1])
        database.close()
    }

    @Test func anAbsurdRowDoesNotEndTheReport() throws {
        var records = [
            try record(at: "2026-11-01T00:00:00Z", number: 1), try record(at: "2026-11-01T00:00:00Z", number: 2),
        ]
        for index in records.indices {
            records[index].units.inputTokens = .max
            records[index].cost = NanoEuros(.max)
            records[index].units.outputTokens = 1 << 40
        }
        try insert(records)
        let row = try #require(try UsageReport(database).report(by: [], timeZone: paris, energy: energy).first)
        #expect(row.units.inputTokens == .max)
        #expect(row.cost.amount == .max)
        #expect(row.units.outputTokens == 1 << 41)
        database.close()
    }

    @Test func rowsComeInTheOrderOfTheirGroups() throws {
        var records: [UsageRecord] = []
        for (number, team) in [nil, "b", "a", "a"].enumerated() {
            var record = try record(at: "2026-11-0\(number + 1)T12:00:00Z", number: number)
            record.team = team
            record.status = number == 3 ? 1000 : 200
            records.append(record)
        }
        try insert(records)
        let rows = try UsageReport(database).report(by: [.team, .status], timeZone: paris, energy: energy)
        #expect(rows.map { $0[.team] } == [nil, "a", "a", "b"])
        #expect(rows.map { $0[.status] } == ["200", "200", "1000", "200"])
        database.close()
    }

    private var energy: EnergyTable { .vendor }

    private func record(at moment: String, number: Int) throws -> UsageRecord {
        let start = try Timestamp(moment)
        return UsageRecord(
            id: RequestID(at: start, random: (0, UInt64(number))), keyID: "k", team: nil, endpoint: "embeddings",
            startedAt: start)
    }

    private func insert(_ records: [UsageRecord]) throws {
        let writer = try LedgerWriter(database)
        for record in records { writer.record(record) }
        #expect(writer.flush())
    }
}

/// What of a row is compared, as a value that a set can hold.
private struct Comparison: Hashable {
    let groups: [UsageRow.Group]
    let units: BillableUnits
    let numbers: [Int64]

    init(_ row: UsageRow) {
        groups = row.groups
        units = row.units
        numbers = [
            row.requests, row.countedRequests, row.cost.amount, row.milliwattHours, row.estimatedRequests, row.errors,
        ]
    }
}

extension UsageReportTests {
    /// The same report, by looking at each record by itself.
    private static func model(
        _ records: [UsageRecord], by groupings: [UsageGrouping], since: Timestamp?, until: Timestamp?,
        timeZone: TimeZone, energy: EnergyTable
    ) -> [UsageRow] {
        var rows: [[UsageRow.Group]: UsageRow] = groupings.isEmpty ? [[]: UsageRow(groups: [])] : [:]
        var tokens: [[UsageRow.Group]: [String?: Int64]] = [:]
        let formats = CalendarFormats(timeZone)
        for record in records {
            if let since, record.startedAt < since { continue }
            if let until, record.startedAt >= until { continue }
            let tags: [String?] = groupings.contains(.tag) && !record.tags.isEmpty ? record.tags : [nil]
            for tag in tags {
                let groups = groupings.map {
                    UsageRow.Group($0, $0 == .tag ? tag : value(of: $0, in: record, formats))
                }
                var row = rows[groups] ?? UsageRow(groups: groups)
                row.requests += 1
                row.countedRequests += record.countsAsRequest ? 1 : 0
                for unit in Unit.allCases { row.units[unit] += record.units[unit] }
                row.cost = row.cost + record.cost
                row.estimatedRequests += record.exactness == .exact ? 0 : 1
                row.errors += record.status >= 400 || record.ending != .complete ? 1 : 0
                rows[groups] = row
                tokens[groups, default: [:]][record.modelServed ?? record.modelAsked, default: 0] +=
                    record.units.inputTokens + record.units.outputTokens
            }
        }
        for (groups, models) in tokens {
            rows[groups]?.milliwattHours = models.reduce(0) {
                $0 + energy.milliwattHours(model: $1.key, tokens: $1.value)
            }
        }
        return Array(rows.values)
    }

    private static func value(of grouping: UsageGrouping, in record: UsageRecord, _ formats: CalendarFormats) -> String?
    {
        switch grouping {
        case .key: return record.keyID
        case .team: return record.team
        case .model: return record.modelServed ?? record.modelAsked
        case .endpoint: return record.endpoint
        case .user: return record.user
        case .tag: return nil
        case .status: return String(record.status)
        case .ending: return record.ending.rawValue
        case .cause: return record.cause?.rawValue
        case .limit: return record.refusedBy?.description
        case .hour: return formats.hour.string(from: date(record))
        case .day: return formats.day.string(from: date(record))
        case .month: return formats.month.string(from: date(record))
        }
    }

    private static func date(_ record: UsageRecord) -> Date {
        Date(timeIntervalSince1970: Double(record.startedAt.seconds))
    }
}

/// Foundation's names of hours, days and months.
private struct CalendarFormats {
    let hour: DateFormatter
    let day: DateFormatter
    let month: DateFormatter

    init(_ zone: TimeZone) {
        func formatter(_ format: String) -> DateFormatter {
            let formatter = DateFormatter()
            formatter.calendar = Calendar(identifier: .gregorian)
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = zone
            formatter.dateFormat = format
            return formatter
        }
        hour = formatter("yyyy-MM-dd'T'HH:00xxx")
        day = formatter("yyyy-MM-dd")
        month = formatter("yyyy-MM")
    }
}
