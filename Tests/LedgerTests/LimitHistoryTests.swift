import Policy
import SeededRandom
import Testing

@testable import Ledger

@Suite struct LimitHistoryTests {
    @Test(arguments: [UInt64(1), 2, 3])
    func agreesWithTheRecords(seed: UInt64) throws {
        let folder = TemporaryFolder()
        let database = try LedgerDatabase(directory: folder.path)
        defer { database.close() }
        let writer = try LedgerWriter(database)
        var generator = SeededGenerator(seed: seed)
        let records = (0..<2000).map { _ in
            UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
        }
        for record in records { writer.record(record) }
        #expect(writer.flush())
        let starts = [Int64(1_790_096_400), 1_790_020_800, 1_789_000_000, 1_790_050_001].map {
            Timestamp(seconds: $0)
        }
        let recently = Timestamp(seconds: 1_790_099_000)
        let history = try database.limitHistory(since: starts, recently: recently)
        for (start, uses) in zip(starts, history.windows) {
            let counted = records.filter { $0.startedAt >= start }
            #expect(uses.reduce(0) { $0 + $1.requests } == Int64(counted.count))
            for use in uses {
                let own = counted.filter { $0.keyID == use.keyID && $0.team == use.team }
                #expect(use.outputTokens == own.reduce(0) { $0 + $1.units.outputTokens })
                #expect(use.cost.amount == own.reduce(0) { $0 + $1.cost.amount })
                #expect(use.requests == Int64(own.count))
            }
        }
        let recent = records.filter { $0.startedAt >= recently }.sorted { $0.id < $1.id }
        #expect(history.recent.map(\.startedAt) == recent.map(\.startedAt))
        #expect(history.recent.map(\.tokens) == recent.map { $0.units.inputTokens + $0.units.outputTokens })
        #expect(history.recent.map(\.keyID) == recent.map(\.keyID))
    }
}
