import Clocks
import Policy
import SeededRandom
import Testing

@testable import Store

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
        let span = LimitHistory.Span(
            starts: [
                .hour: Timestamp(seconds: 1_790_096_400), .day: Timestamp(seconds: 1_790_020_800),
                .month: Timestamp(seconds: 1_789_000_000),
            ], recent: Timestamp(seconds: 1_790_099_000))
        let history = try database.limitHistory(span)
        for (window, start) in span.starts {
            let uses = try #require(history.uses[window])
            let counted = records.filter { $0.startedAt >= start }
            #expect(
                Set(uses.map { [$0.keyID, $0.team] }) == Set(counted.map { [$0.keyID, $0.team] }))
            for use in uses {
                let own = counted.filter { $0.keyID == use.keyID && $0.team == use.team }
                #expect(use.amounts.outputTokens == own.reduce(0) { $0 + $1.units.outputTokens })
                #expect(use.amounts.cost == own.reduce(0) { $0 + $1.cost.amount })
            }
        }
        let recent = records.filter {
            $0.startedAt >= Timestamp(seconds: 1_790_099_000) && LimitOutcome($0) != .nothing
                && !["models", "files", "batches"].contains($0.endpoint)
        }
        let groups = Dictionary(grouping: recent) { [String($0.startedAt.seconds), $0.keyID, $0.team] }
        #expect(history.recent.count == groups.count)
        for requests in history.recent {
            let group = try #require(groups[[String(requests.startedAt.seconds), requests.keyID, requests.team]])
            #expect(requests.amounts.requests == Int64(group.count))
            #expect(requests.startedAt == group.map(\.startedAt).max())
            #expect(requests.amounts.tokens == group.reduce(0) { $0 + $1.units.inputTokens + $1.units.outputTokens })
        }
        let seconds = history.recent.map(\.startedAt.seconds)
        #expect(seconds == seconds.sorted())
    }
}
