import Clocks
import Foundation
import GRDB
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct RepricingTests {
    private static let first: Int64 = 1_790_000_000
    private static let last: Int64 = 1_790_100_000
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let now = Timestamp(seconds: 1_790_200_000)

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    @discardableResult
    private func fill(_ count: Int, using generator: inout SeededGenerator) throws -> [UsageRecord] {
        let records = (0..<count).map { _ in
            UsageRecord.random(between: Self.first, and: Self.last, using: &generator)
        }
        let writer = try LedgerWriter(database)
        for record in records { writer.record(record) }
        #expect(writer.close() == 0)
        return records
    }

    private func costs() throws -> [RequestID: Int64] {
        var costs: [RequestID: Int64] = [:]
        try database.reading { database in
            try UsageTable.forEach("", in: database) { record, _, _ in costs[record.id] = record.cost.amount }
        }
        return costs
    }

    /// Totals are those of the rows.
    private func expectRightTotals() throws {
        let totals = try database.totals()
        try database.rebuildTotals()
        #expect(try database.totals() == totals)
    }

    private static func price(_ record: UsageRecord) -> NanoEuros? {
        record.endpoint == "embeddings" ? nil : NanoEuros(record.units.inputTokens * 3 + record.units.outputTokens * 7)
    }

    @Test(arguments: [UInt64(1), 2]) func rowsTotalsAndTraceFollowThePrice(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let records = try fill(2500, using: &generator)
        let since = Timestamp(seconds: 1_790_040_123)
        let done = try database.reprice(
            since: since, by: AuditActor(name: "ada", origin: "cli"), reason: "new prices", at: now, price: Self.price)
        let expected = Dictionary(
            uniqueKeysWithValues: records.map { record in
                (record.id, record.startedAt < since ? record.cost.amount : (Self.price(record) ?? record.cost).amount)
            })
        #expect(try costs() == expected)
        try expectRightTotals()
        let changed = records.filter { expected[$0.id] != $0.cost.amount }
        #expect(done.read == records.count { $0.startedAt >= since })
        #expect(done.changed == changed.count)
        #expect(done.before.amount == changed.reduce(0) { $0 + $1.cost.amount })
        #expect(done.after.amount == changed.reduce(0) { $0 + (expected[$1.id] ?? 0) })
        let trace = try database.corrections(since: nil)
        #expect(trace.reduce(0) { $0 + $1.requests } == Int64(changed.count))
        #expect(trace.reduce(0) { $0 + $1.before.amount } == done.before.amount)
        #expect(trace.reduce(0) { $0 + $1.after.amount } == done.after.amount)
        // One line for each key and team.
        #expect(trace.count == Set(changed.map { [$0.keyID, $0.team] }).count)
        #expect(trace.allSatisfy { $0.kind == .reprice && $0.madeBy == "ada" && $0.madeAt == now })
        database.close()
    }

    /// What a limiter counts from the corrections is what it would read after a restart.
    @Test(arguments: [false, true]) func correctionsLeadLimitsToTheLedger(hasParts: Bool) throws {
        var generator = SeededGenerator(seed: 4)
        try fill(1500, using: &generator)
        let middle = Timestamp(seconds: 1_790_049_600)
        let span = LimitHistory.Span(
            windows: [.day: Timestamp(seconds: Self.first)..<middle, .month: middle..<Timestamp(seconds: Self.last)],
            recent: nil, hasParts: hasParts)
        let before = try database.limitHistory(span)
        _ = try database.reprice(
            since: Timestamp(seconds: 0), by: AuditActor(name: "ada", origin: "cli"), reason: "r", at: now,
            price: Self.price)
        let after = try database.limitHistory(span)
        let changes = try database.corrections(after: before.lastCorrection)
        #expect(changes.allSatisfy { $0.concernsAccount })
        for (window, times) in span.windows {
            for use in before.uses[window] ?? [] {
                let change = changes.filter { change in
                    var owner = change.owner
                    if !hasParts { (owner.model, owner.user) = (nil, nil) }
                    return owner == use.owner && times.contains(change.at)
                }
                let present = after.uses[window]?.first { $0.owner == use.owner }
                #expect(present?.amounts.cost == use.amounts.cost + change.reduce(0) { $0 + $1.change })
            }
        }
        database.close()
    }

    @Test func aSecondRunChangesNothing() throws {
        var generator = SeededGenerator(seed: 5)
        try fill(300, using: &generator)
        let since = Timestamp(seconds: 0)
        _ = try database.reprice(
            since: since, by: AuditActor(name: "ada", origin: "cli"), reason: "r", at: now, price: Self.price)
        let trace = try database.corrections(since: nil)
        let again = try database.reprice(
            since: since, by: AuditActor(name: "ada", origin: "cli"), reason: "r", at: now, price: Self.price)
        #expect(again.changed == 0)
        #expect(again.read == 300)
        #expect(try database.corrections(since: nil) == trace)
        database.close()
    }

    /// A writer inserts and retention folds between any two slices, and the process may die after any.
    @Test(arguments: 0..<6 as Range<UInt64>) func isRightBesideAWriterAndAfterADeath(seed: UInt64) throws {
        var generator = SeededGenerator(seed: 100 + seed)
        try fill(900, using: &generator)
        var deaths = 3
        while true {
            do {
                _ = try database.reprice(
                    since: Timestamp(seconds: 1_790_020_000), by: AuditActor(name: "ada", origin: "cli"), reason: "r",
                    at: now
                ) { record in
                    deaths > 0 && generator.once(in: 400) ? nil : Self.price(record)
                } progress: { _ in
                    _ = try? fill(7, using: &generator)
                    _ = try? Retention(database, timeZone: .gmt).fold(
                        before: Timestamp(seconds: .random(in: Self.first...Self.last, using: &generator)), atMost: 30)
                }
            }
            deaths -= 1
            if deaths < 0 { break }
        }
        try expectRightTotals()
        let left = try database.reading { database in
            var left = 0
            try UsageTable.forEach(
                "WHERE started_at >= 1790020000000000 AND endpoint <> 'embeddings'", in: database
            ) { record, _, _ in
                if Self.price(record) != record.cost { left += 1 }
            }
            return left
        }
        // Those that came after the last slice alone.
        #expect(left <= 7)
        database.close()
    }

    @Test func wildCostsSaturate() throws {
        var generator = SeededGenerator(seed: 6)
        try fill(50, using: &generator)
        for cost in [Int64.max, 0, .max] {
            let done = try database.reprice(
                since: Timestamp(seconds: 0), by: AuditActor(name: "a", origin: "cli"), reason: "r", at: now
            ) { _ in
                NanoEuros(cost)
            }
            #expect(done.changed == 50)
        }
        try expectRightTotals()
        #expect(try database.corrections(since: nil).allSatisfy { $0.after.amount >= 0 })
        database.close()
    }
}
