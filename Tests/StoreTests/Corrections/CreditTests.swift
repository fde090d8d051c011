import Clocks
import Foundation
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct CreditTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let now = Timestamp(seconds: 1_790_050_000)
    private let key = KeyRecord.plain("k1", digest: 1)

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    private func credit(_ amount: Int64, at moment: Timestamp, team: String? = nil) throws {
        let key = KeyRecord(
            id: key.id, name: key.name, tier: key.tier, team: team, createdAt: key.createdAt, digest: key.digest)
        _ = try database.credit(
            NanoEuros(amount), to: key, by: AuditActor(name: "ada", origin: "cli"), reason: "why", at: moment)
    }

    private func report(
        _ groupings: [UsageGrouping], since: Timestamp? = nil, until: Timestamp? = nil, withCredits: Bool = true
    ) throws -> [UsageRow] {
        try UsageReport(database).report(
            by: groupings, since: since, until: until, timeZone: .gmt, energy: .vendor, withCredits: withCredits)
    }

    private func fill(_ count: Int) throws -> [UsageRecord] {
        var generator = SeededGenerator(seed: 3)
        let records = (0..<count).map { _ in
            UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
        }
        let writer = try LedgerWriter(database)
        for record in records { writer.record(record) }
        #expect(writer.close() == 0)
        return records
    }

    @Test func aCreditLowersTheCostOfItsKeyAndOfTheSum() throws {
        let records = try fill(300)
        let costs = try report([.key]).map(\.cost.amount)
        try credit(5_000_000_001, at: now)
        #expect(try report([.key]).map(\.cost.amount) == [costs[0] - 5_000_000_001, costs[1], costs[2]])
        let sum = try report([])[0]
        #expect(sum.cost.amount == records.reduce(0) { $0 + $1.cost.amount } - 5_000_000_001)
        // It is no request.
        #expect(sum.requests == 300)
        #expect(try report([], withCredits: false)[0].cost.amount == records.reduce(0) { $0 + $1.cost.amount })
        database.close()
    }

    @Test func aCreditHasAKeyATeamATimeAndAnEndpointOfItsOwn() throws {
        try credit(7, at: now, team: "red")
        let row = try #require(try report(UsageGrouping.allCases).first)
        #expect(
            Dictionary(uniqueKeysWithValues: row.groups.map { ($0.grouping.rawValue, $0.value) })
                == [
                    "key": "k1", "team": "red", "endpoint": "credit", "day": "2026-09-22", "month": "2026-09",
                    "hour": row[.hour], "model": nil, "user": nil, "tag": nil, "status": nil, "ending": nil,
                    "cause": nil, "limit": nil,
                ])
        #expect(row.cost == NanoEuros(-7))
        #expect(row.requests == 0)
        #expect(row.errors == 0)
        database.close()
    }

    @Test func aCreditCountsAtItsTime() throws {
        try credit(7, at: now)
        func cost(_ since: Timestamp?, _ until: Timestamp?) throws -> Int64 {
            try report([], since: since, until: until)[0].cost.amount
        }
        let after = Timestamp(microseconds: now.microseconds + 1)
        #expect(try cost(nil, nil) == -7)
        #expect(try cost(now, after) == -7)
        #expect(try cost(after, nil) == 0)
        #expect(try cost(nil, now) == 0)
        database.close()
    }

    @Test func rebuildsAndRetentionLeaveCreditsAsTheyAre() throws {
        _ = try fill(300)
        try credit(1234, at: Timestamp(seconds: 1_790_010_000))
        let before = try report([.key])
        try database.rebuildTotals()
        try Retention(database, timeZone: .gmt).run(before: Timestamp(seconds: 1_790_090_000), at: now)
        #expect(try report([.key]).map(\.cost) == before.map(\.cost))
        database.close()
    }

    @Test func limitsGetCreditsAndTheNumberOfTheLast() throws {
        let span = LimitHistory.Span(
            windows: [.day: now..<(now + .seconds(100)), .hour: now..<(now + .seconds(50))], recent: nil)
        #expect(try database.limitHistory(span).lastCorrection == 0)
        try credit(1, at: now, team: "red")
        try credit(2, at: now + .seconds(99))
        try credit(3, at: now + .seconds(100))
        var history = try database.limitHistory(span)
        #expect(history.credits.map(\.change) == [-1, -2])
        #expect(history.credits.map(\.owner.team) == ["red", nil])
        #expect(history.credits.allSatisfy { !$0.concernsAccount && $0.owner.keyID == "k1" })
        #expect(history.lastCorrection == 3)
        #expect(history.corrections.isEmpty)
        var later = span
        later.lastCorrection = 1
        history = try database.limitHistory(later)
        #expect(history.corrections.map(\.number) == [2, 3])
        #expect(try database.corrections(after: 0).map(\.number) == [1, 2, 3])
        #expect(try database.corrections(after: 3).isEmpty)
        database.close()
    }

    @Test func theTraceSaysWhoWhenAndWhy() throws {
        let credit = try database.credit(
            NanoEuros(5), to: key, by: AuditActor(name: "root (ada)", origin: "cli"), reason: "outage of Monday",
            at: now)
        #expect(credit.before == .zero)
        #expect(credit.after == NanoEuros(-5))
        _ = try database.credit(
            NanoEuros(-5), to: key, by: AuditActor(name: "ada", origin: "cli"), reason: "not so", at: now + .seconds(60)
        )
        let all = try database.corrections(since: nil)
        #expect(all.map(\.reason) == ["outage of Monday", "not so"])
        #expect(all[0] == credit)
        #expect(all.map(\.change.amount) == [-5, 5])
        #expect(try database.corrections(since: now + .seconds(1)).map(\.madeBy) == ["ada"])
        database.close()
    }

    /// Two credits of one moment are two lines, although they say the same.
    @Test func equalCreditsAreListedEach() throws {
        try credit(5, at: now)
        try credit(5, at: now)
        #expect(try database.corrections(since: nil).count == 2)
        database.close()
    }

    @Test func wildAmountsSaturate() throws {
        for amount in [Int64.min, .max] {
            try credit(amount, at: now)
            try credit(amount, at: now)
        }
        _ = try report([.key])
        #expect(try database.corrections(since: nil).count == 4)
        database.close()
    }
}
