import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct ClosedSpanTests {
    private let folders = [TemporaryFolder(), TemporaryFolder()]
    private let databases: [LedgerDatabase]
    private let paris: TimeZone
    /// Around the end of summer time, over parts of three months.
    private let first: Int64
    private let last: Int64

    init() throws {
        databases = try folders.map { try LedgerDatabase(directory: $0.path) }
        paris = try #require(TimeZone(identifier: "Europe/Paris"))
        first = try Timestamp("2026-09-25T00:00:00Z").seconds
        last = try Timestamp("2026-11-05T00:00:00Z").seconds
    }

    /// Whatever is done to a ledger in whatever order, its reports are those of a ledger without spans.
    @Test(arguments: 0..<6) func reportsSayTheSameWithAndWithoutThem(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var used = 0
        try insert(records(400, &generator))
        for _ in 0..<12 {
            let moment = Timestamp(seconds: .random(in: first..<last + 90_000, using: &generator))
            let zone = Int.random(in: 0..<4, using: &generator) == 0 ? TimeZone.gmt : paris
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: try insert(records(20, &generator))
            case 1:
                for database in databases {
                    _ = try Retention(database, timeZone: paris).run(before: moment, at: moment)
                }
            case 2: for database in databases { try database.rebuildTotals() }
            case 3:
                let change = UInt64.random(in: 1...1000, using: &generator)
                for database in databases { try damageAndRebuild(database, change) }
            default: try ClosedSpanBuilder(databases[0], timeZone: zone).run(at: moment)
            }
            for _ in 0..<8 { try compare(question(&generator)) }
            used += try spans().count
        }
        #expect(used > 0)
        for database in databases { database.close() }
    }

    private func compare(_ question: UsageReport.Question) throws {
        let answers = try databases.map { try UsageReport($0).ranked(question) }
        #expect(answers[0].rows == answers[1].rows, "\(question.groupings.map(\.rawValue))")
        #expect(answers[0].others.count == answers[1].others.count)
        #expect(answers[0].others.sum == answers[1].others.sum)
    }

    private func question(_ generator: inout SeededGenerator) throws -> UsageReport.Question {
        let groupings = UsageGrouping.allCases.shuffled(using: &generator).prefix(.random(in: 0...3, using: &generator))
        let bounds = (0..<2).map { _ in Timestamp(seconds: .random(in: first..<last, using: &generator)) }.sorted()
        var filter = UsageFilter()
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: filter.admit("k1", of: .key)
        case 1: filter.admit("red", of: .team)
        case 2: filter.admit("429", of: .status)
        case 3: filter.admit("a", of: .tag)
        default: break
        }
        var question = UsageReport.Question(
            by: Array(groupings), since: Bool.random(using: &generator) ? bounds[0] : nil,
            until: Bool.random(using: &generator) ? bounds[1] : nil, where: filter,
            timeZone: Bool.random(using: &generator) ? paris : .gmt, energy: .vendor)
        question.hasSpeeds = Bool.random(using: &generator)
        question.hasTagLists = Bool.random(using: &generator)
        question.order = UsageOrder.allCases.randomElement(using: &generator) ?? .cost
        question.limit = [nil, 1, 3].randomElement(using: &generator) ?? nil
        return question
    }

    private func records(_ count: Int, _ generator: inout SeededGenerator) -> [UsageRecord] {
        (0..<count).map { _ in
            var record = UsageRecord.random(between: first, and: last, using: &generator)
            record.endedAt = record.startedAt + .milliseconds(.random(in: 40...90_000, using: &generator))
            return record
        }
    }

    private func insert(_ records: [UsageRecord]) throws {
        for database in databases {
            let writer = try LedgerWriter(database)
            for record in records { writer.record(record) }
            #expect(writer.flush())
        }
    }

    /// Another program changes costs; `usage rebuild` mends the totals.
    private func damageAndRebuild(_ database: LedgerDatabase, _ change: UInt64) throws {
        try database.writing {
            try $0.execute(
                sql: "UPDATE usage_rows SET cost = cost + ? WHERE number % 7 = 0", arguments: [Int64(change)])
        }
        try database.rebuildTotals()
    }

    private func spans(_ detail: SpanDetail = .groups) throws -> [ClosedSpan] {
        let always = Quarter(number: .min)..<Quarter(number: .max)
        return try databases[0].reading { try ClosedSpanTable.spans(detail, in: always, of: $0) }
    }

    private func build(at text: String = "2026-11-04T00:00:00Z", in zone: TimeZone? = nil) throws {
        try ClosedSpanBuilder(databases[0], timeZone: zone ?? paris).run(at: try Timestamp(text))
    }

    // MARK: What there is

    /// A day and a month begin at local midnight; a day has 25 hours where clocks go back.
    @Test func hoursDaysAndMonthsThatAreOverGetOne() throws {
        var generator = SeededGenerator(seed: 21)
        try insert(records(2000, &generator))
        // In Paris, the 1st ends in a period that is over an hour later, and an hour is left for late requests.
        try build(at: "2026-11-02T00:59:59Z")
        #expect(try end(of: .groups) == Timestamp("2026-11-01T00:00:00+01:00"))
        try build(at: "2026-11-02T01:00:00Z")
        #expect(try end(of: .groups) == Timestamp("2026-11-02T00:00:00+01:00"))
        let quarters = try spans().map { Int($0.quarters.upperBound.number - $0.quarters.lowerBound.number) }
        let lengths: [Int: Int] = quarters.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        // Quarters of months: the last one of September, four of October. Its last has 7 days and an hour.
        let (day, month) = (96, 30 * 96)
        var expected = [day: 37, day + 4: 1, month: 1, month + day + 4: 1]
        for part in [6 * day, 8 * day, 8 * day, 8 * day, 7 * day + 4] { expected[part, default: 0] += 1 }
        #expect(lengths == expected)
        #expect(try spans(.shared).map(\.quarters) == spans().map(\.quarters))
        let hours = try spans(.operation)
        #expect(hours.allSatisfy { $0.quarters.upperBound.number - $0.quarters.lowerBound.number == 4 })
        #expect(hours.count == 37 * 24 + 25)
        // Nothing is built twice.
        try build(at: "2026-11-02T01:00:00Z")
        #expect(try spans(.operation).map(\.number) == hours.map(\.number))
        for database in databases { database.close() }
    }

    private func end(of detail: SpanDetail) throws -> Timestamp? {
        try spans(detail).map { Timestamp(seconds: $0.quarters.upperBound.second) }.max()
    }

    /// Reports read them: what is in them is told, though the totals say otherwise.
    @Test(
        arguments: [[], [.model], [.day], [.month, .team], [.hour, .status], [.key], [.user, .day]] as [[UsageGrouping]]
    )
    func reportsReadThem(by groupings: [UsageGrouping]) throws {
        var generator = SeededGenerator(seed: 22)
        try insert(records(300, &generator))
        try build(at: "2026-11-06T12:00:00Z")
        let before = try UsageReport(databases[0]).report(by: groupings, timeZone: paris, energy: .vendor)
        try databases[0].writing { database in
            let triggers = try String.fetchAll(
                database, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'spans_after%'")
            #expect(triggers.count == 6)
            for trigger in triggers { try database.execute(sql: "DROP TRIGGER \(trigger)") }
            try database.execute(sql: "DELETE FROM usage_totals")
        }
        #expect(try UsageReport(databases[0]).report(by: groupings, timeZone: paris, energy: .vendor) == before)
        #expect(before.map(\.requests).reduce(0, +) > 0)
        for database in databases { database.close() }
    }

    // MARK: What removes them

    @Test(
        arguments: ["usage_totals", "usage_speeds"],
        [
            "INSERT INTO # SELECT 1, ?, MAX(id), x'' FROM usage_groups",
            "UPDATE # SET entries = entries WHERE period = ?",
            "DELETE FROM # WHERE period = ?",
        ])
    func anyChangeInAPeriodDoes(table: String, change: String) throws {
        var generator = SeededGenerator(seed: 23)
        try insert(records(400, &generator))
        try build()
        let before = try SpanDetail.allCases.map { try spans($0) }
        let period = try databases[0].reading {
            try Int64.fetchOne($0, sql: "SELECT period FROM \(table) LIMIT 1 OFFSET 20")
        }
        let changed = try #require(period)
        try databases[0].writing {
            try $0.execute(sql: change.replacing("#", with: table), arguments: [changed])
        }
        for (detail, before) in zip(SpanDetail.allCases, before) {
            let touched = before.filter {
                ($0.quarters.lowerBound.period...$0.quarters.upperBound.period).contains(changed)
            }
            let left = try spans(detail)
            #expect(!touched.isEmpty)
            #expect(before.filter { !left.contains($0) }.allSatisfy { touched.contains($0) })
            #expect(
                !left.contains { $0.quarters.lowerBound.period < changed && $0.quarters.upperBound.period > changed })
        }
        // Their values go with them.
        let orphans = try databases[0].reading {
            try Int.fetchOne(
                $0,
                sql: """
                    SELECT (SELECT COUNT(*) FROM usage_span_values WHERE span NOT IN (SELECT number FROM usage_spans))
                        + (SELECT COUNT(*) FROM usage_span_periods WHERE span NOT IN (SELECT number FROM usage_spans))
                    """)
        }
        #expect(orphans == 0)
        for database in databases { database.close() }
    }

    /// A request that comes while a span is read is in no span, and not lost.
    @Test func aChangeAfterTheAnnouncementKeepsTheSpanFromBeingReady() throws {
        var generator = SeededGenerator(seed: 24)
        try insert(records(100, &generator))
        let day = try Quarter(of: Timestamp("2026-10-09T22:00:00Z"))..<Quarter(of: Timestamp("2026-10-10T22:00:00Z"))
        let plan = SpanPlan(detail: .groups, quarters: day)
        for isChanged in [true, false] {
            let number = try databases[0].writing {
                try ClosedSpanTable.announce(day, .groups, zone: paris.identifier, in: $0)
            }
            #expect(try spans().isEmpty)
            let values = try databases[0].reading { database in
                var groups = SpanGroups(.groups, of: database)
                return try plan.values(&groups, in: database)
            }
            if isChanged {
                var record = UsageRecord.random(between: first, and: last, using: &generator)
                record.startedAt = try Timestamp("2026-10-10T12:00:00Z")
                try insert([record])
            }
            try databases[0].writing { try ClosedSpanTable.finish(number, values, in: $0) }
            #expect(try spans().map(\.quarters) == (isChanged ? [] : [day]))
        }
        for database in databases { database.close() }
    }

    @Test func anotherZoneAndAnnouncedOnesAreRemoved() throws {
        var generator = SeededGenerator(seed: 25)
        try insert(records(100, &generator))
        let day = Quarter(number: 96)..<Quarter(number: 192)
        _ = try databases[0].writing { try ClosedSpanTable.announce(day, .groups, zone: "UTC", in: $0) }
        try build()
        let announced = try databases[0].reading {
            try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM usage_spans WHERE NOT is_ready OR first_quarter = 96")
        }
        #expect(announced == 0)
        let ofParis = try spans()
        try build(in: TimeZone(identifier: "America/New_York"))
        let ofNewYork = try spans()
        #expect(!ofNewYork.isEmpty && !ofParis.isEmpty)
        #expect(ofNewYork.allSatisfy { span in !ofParis.contains { $0.quarters == span.quarters } })
        for database in databases { database.close() }
    }

    /// Numbers that no gateway writes are no reason to end.
    @Test func absurdGroupsAndQuartersDoNoHarm() throws {
        var generator = SeededGenerator(seed: 27)
        try insert(records(100, &generator))
        try databases[0].writing { database in
            for id in [Int64.max, Int64.min, -1] {
                try database.execute(
                    sql: """
                        INSERT INTO usage_groups (id, key_id, endpoint, status) VALUES (?, 'k9', 'embeddings', 200);
                        INSERT INTO usage_totals (place, period, group_id, entries)
                            SELECT place, period, ?, entries FROM usage_totals WHERE place = 0 ORDER BY period LIMIT 1;
                        """, arguments: [id, id])
            }
            for (first, end) in [(Int64.min, Int64.max), (Int64.max - 1, Int64.max), (Int64.min, Int64.min + 1)] {
                try database.execute(
                    sql: """
                        INSERT INTO usage_spans (detail, zone, first_quarter, end_quarter, is_ready)
                        SELECT value, 'Europe/Paris', ?, ?, 1 FROM json_each('[0, 1, 2]')
                        """, arguments: [first, end])
            }
        }
        let before = try UsageReport(databases[0]).report(by: [.key], timeZone: paris, energy: .vendor)
        try build()
        #expect(try UsageReport(databases[0]).report(by: [.key], timeZone: paris, energy: .vendor) == before)
        #expect(try spans().count > 30)
        for database in databases { database.close() }
    }

    @Test func damagedOnesAreNamed() throws {
        var generator = SeededGenerator(seed: 26)
        try insert(records(100, &generator))
        try build()
        try databases[0].writing { try $0.execute(sql: "UPDATE usage_span_values SET entries = x'FF'") }
        #expect(throws: LedgerError.self) {
            try UsageReport(databases[0]).report(by: [.key], timeZone: paris, energy: .vendor)
        }
        try databases[0].rebuildTotals()
        #expect(try UsageReport(databases[0]).report(by: [], timeZone: paris, energy: .vendor).first?.requests == 100)
        for database in databases { database.close() }
    }
}
