import Clocks
import Policy
import SeededRandom
import Testing

@testable import Store

@Suite struct LimitHistoryTests {
    private let folder = TemporaryFolder()
    private let database: LedgerDatabase
    private let span = LimitHistory.Span(
        windows: [
            .hour: Timestamp(seconds: 1_790_092_800)..<Timestamp(seconds: 1_790_096_400),
            .day: Timestamp(seconds: 1_790_020_800)..<Timestamp(seconds: 1_790_098_000),
            .week: Timestamp(seconds: 1_790_000_100)..<Timestamp(seconds: 1_790_098_200),
            .total: Timestamp(microseconds: .min)..<Timestamp(microseconds: .max),
            .month: Timestamp(seconds: 1_789_000_000)..<Timestamp(seconds: 1_790_099_999),
        ], recent: Timestamp(seconds: 1_790_095_000)...Timestamp(seconds: 1_790_095_600))

    init() throws { database = try LedgerDatabase(directory: folder.path) }

    @Test(arguments: [UInt64(1), 2, 3]) func theWindowsAgreeWithTheRecords(seed: UInt64) throws {
        let records = try fill(seed: seed)
        let history = try database.limitHistory(span)
        #expect(Set(history.uses.keys) == Set(LimitWindow.allCases))
        for (window, times) in span.windows {
            let counted = records.filter { times.contains($0.startedAt) }
            // Only an hour tells batches apart.
            func group(_ key: String, _ team: String?, _ isOfBatches: Bool) -> [String?] {
                [key, team, window == .hour && isOfBatches ? "batches" : nil]
            }
            let uses = Dictionary(grouping: history.uses[window] ?? []) {
                group($0.owner.keyID, $0.owner.team, $0.isOfBatches)
            }
            let expected = Dictionary(grouping: counted) { group($0.keyID, $0.team, $0.endpoint == "batches") }
            #expect(Set(uses.keys) == Set(expected.keys))
            for (group, uses) in uses {
                #expect(uses.reduce(LimitAmounts()) { $0 + $1.amounts } == Self.sum(expected[group] ?? []))
            }
        }
        database.close()
    }

    /// Where a tier has limits for models or users, the usage of each is read, in all parts of the history.
    @Test(arguments: [UInt64(1), 2, 3]) func partsAgreeWithTheRecords(seed: UInt64) throws {
        let records = try fill(seed: seed)
        var span = span
        span.hasParts = true
        let history = try database.limitHistory(span)
        for (window, times) in span.windows {
            let groups = Dictionary(grouping: records.filter { times.contains($0.startedAt) }) { UsageOwner($0) }
            let uses = Dictionary(grouping: history.uses[window] ?? [], by: \.owner)
            #expect(Set(uses.keys) == Set(groups.keys))
            for (owner, uses) in uses {
                #expect(uses.reduce(LimitAmounts()) { $0 + $1.amounts } == Self.sum(groups[owner] ?? []))
            }
        }
        func check(_ found: [LimitHistory.Requests], against records: [UsageRecord]) {
            let groups = Dictionary(grouping: records) { UsageOwner($0) }.mapValues(Self.sum)
            let sums = Dictionary(grouping: found, by: \.owner).mapValues { found in
                found.reduce(LimitAmounts()) { $0 + $1.amounts }
            }
            #expect(sums == groups.filter { $0.value != LimitAmounts() })
            #expect(Set(sums.keys.map(\.model)).count > 2)
            #expect(Set(sums.keys.map(\.user)).count > 2)
        }
        check(history.recent, against: records.filter { span.recent?.contains($0.startedAt) ?? false })
        check(history.future, against: records.filter { $0.startedAt >= Timestamp(seconds: 1_790_096_400) })
        database.close()
    }

    /// What retention has folded names no user: it counts for models alone.
    @Test func foldedRowsAreNobodys() throws {
        var records = [record(1, "chat/completions", 200), record(2, "chat/completions", 200)]
        for index in records.indices {
            records[index].user = index == 0 ? "ada" : nil
            records[index].modelServed = "m"
            records[index].units.outputTokens = 7
        }
        try insert(records)
        var span = span
        span.hasParts = true
        let before = try database.limitHistory(span)
        #expect(Set((before.uses[.total] ?? []).map(\.owner.user)) == ["ada", ""])
        let end = Timestamp(seconds: 1_790_095_500 + 86_400)
        #expect(try Retention(database, timeZone: .gmt).run(before: end, at: end) == 2)
        let after = try database.limitHistory(span).uses[.total] ?? []
        #expect(after.map(\.owner) == [UsageOwner(keyID: "k", team: "red", model: "m")])
        #expect(after.map(\.amounts.outputTokens) == [14])
        database.close()
    }

    @Test(arguments: [UInt64(1), 2, 3]) func recentRequestsAgreeWithTheRecords(seed: UInt64) throws {
        let records = try fill(seed: seed)
        let history = try database.limitHistory(span)
        let recent = records.filter { span.recent?.contains($0.startedAt) ?? false }
        let groups = Dictionary(grouping: recent) { [String($0.startedAt.seconds), $0.keyID, $0.team, $0.place] }
            .filter { Self.sum($0.value) != LimitAmounts() }
        #expect(history.recent.count == groups.count)
        for requests in history.recent {
            let group = try #require(
                groups[[String(requests.startedAt.seconds), requests.owner.keyID, requests.owner.team, requests.place]])
            #expect(requests.amounts == Self.sum(group))
            #expect(requests.startedAt == group.map(\.startedAt).max())
        }
        let seconds = history.recent.map(\.startedAt.seconds)
        #expect(seconds == seconds.sorted())
        database.close()
    }

    /// Rows of a clock that was ahead are read by quarters of an hour, from the end of the hour on.
    @Test(arguments: [UInt64(1), 2, 3]) func requestsToComeAgreeWithTheRecords(seed: UInt64) throws {
        let records = try fill(seed: seed)
        let history = try database.limitHistory(span)
        let future = records.filter { $0.startedAt >= Timestamp(seconds: 1_790_096_400) }
        let groups = Dictionary(grouping: future) { [String($0.startedAt.seconds / 900), $0.keyID, $0.team, $0.place] }
            .filter { Self.sum($0.value) != LimitAmounts() }
        #expect(groups.count > 10)
        #expect(history.future.count == groups.count)
        for requests in history.future {
            let quarter = String(requests.startedAt.seconds / 900)
            #expect(
                requests.amounts
                    == Self.sum(
                        try #require(groups[[quarter, requests.owner.keyID, requests.owner.team, requests.place]])))
        }
        database.close()
    }

    /// The hour and the last minutes tell batches apart, since their limits of tokens do not count them.
    @Test func usageOfBatchesIsTold() throws {
        let start = Timestamp(seconds: 1_790_095_500)
        let records = ["batches", "chat/completions", "batches"].enumerated().map { number, endpoint in
            var record = UsageRecord(
                id: RequestID(at: start, random: (0, UInt64(number))), keyID: "k", team: nil, endpoint: endpoint,
                startedAt: start)
            record.units.inputTokens = Int64(number + 1)
            record.countsAsRequest = number == 0
            return record
        }
        try insert(records)
        let history = try database.limitHistory(span)
        let ofBatches = LimitAmounts(requests: 1, tokens: 4)
        let others = LimitAmounts(tokens: 2)
        func told<Entry>(_ entries: [Entry], _ amounts: (Entry) -> (LimitAmounts, Bool)) -> Bool {
            entries.count == 2
                && entries.allSatisfy { amounts($0) == (ofBatches, true) || amounts($0) == (others, false) }
        }
        #expect(told(history.uses[.hour] ?? []) { ($0.amounts, $0.isOfBatches) })
        #expect(told(history.recent) { ($0.amounts, $0.isOfBatches) })
        #expect(history.uses[.day]?.map(\.amounts) == [ofBatches + others])
        database.close()
    }

    /// Neither endpoint nor status decides, but the flag alone.
    @Test(arguments: ["models", "files", "batches", "chat/completions"], [200, 404, 429, 502])
    func theFlagAloneDecides(endpoint: String, status: Int) throws {
        var records = [record(1, endpoint, status), record(2, endpoint, status), record(3, endpoint, status)]
        records[1].countsAsRequest = true
        try insert(records)
        let history = try database.limitHistory(span)
        #expect(history.recent.map(\.amounts.requests) == [1])
        #expect(history.uses[.day]?.map(\.amounts.requests) == [1])
        database.close()
    }

    @Test func requestsThatNeitherCountNorUseAnythingAreLeftOut() throws {
        try insert([record(1, "models", 429)])
        #expect(try database.limitHistory(span).recent.isEmpty)
        database.close()
    }

    @Test func withoutALimitByTheMinuteNothingIsRecent() throws {
        var span = span
        span.recent = nil
        var counted = record(1, "chat/completions", 200)
        counted.countsAsRequest = true
        try insert([counted])
        let history = try database.limitHistory(span)
        #expect(history.recent.isEmpty)
        #expect(history.uses[.hour]?.count == 1)
        database.close()
    }

    @Test func absurdSumsDoNotFail() throws {
        var records = [record(1, "e", 200), record(2, "e", 200)]
        for index in records.indices {
            records[index].units.outputTokens = .max
            records[index].cost = NanoEuros(.max)
        }
        try insert(records)
        let history = try database.limitHistory(span)
        #expect(history.recent.map(\.amounts.outputTokens) == [.max])
        #expect(history.uses[.hour]?.map(\.amounts.cost) == [.max])
        database.close()
    }

    /// A request that a dead process had sent counts after the restart.
    @Test func aRequestOfADeadProcessCounts() throws {
        var begun = record(1, "chat/completions", 0)
        begun.countsAsRequest = true
        begun.units.inputTokens = 40
        do {
            let writer = try LedgerWriter(database)
            _ = try #require(writer.beginning(begun))
        }
        _ = try LedgerWriter(database)
        let history = try database.limitHistory(span)
        #expect(history.recent.map(\.amounts) == [LimitAmounts(requests: 1, tokens: 40)])
        database.close()
    }

    private static func sum(_ records: [UsageRecord]) -> LimitAmounts {
        .sum(
            requests: Int64(records.count { $0.countsAsRequest }),
            tokens: records.reduce(0) { $0 + $1.units.inputTokens + $1.units.outputTokens },
            outputTokens: records.reduce(0) { $0 + $1.units.outputTokens },
            cost: records.reduce(0) { $0 + $1.cost.amount })
    }

    private func record(_ number: UInt64, _ endpoint: String, _ status: Int) -> UsageRecord {
        let start = Timestamp(seconds: 1_790_095_500)
        var record = UsageRecord(
            id: RequestID(at: start, random: (0, number)), keyID: "k", team: "red", endpoint: endpoint,
            startedAt: start)
        record.status = status
        return record
    }

    private func fill(seed: UInt64) throws -> [UsageRecord] {
        var generator = SeededGenerator(seed: seed)
        let records = (0..<2000).map { _ in
            UsageRecord.random(between: 1_790_000_000, and: 1_790_100_000, using: &generator)
        }
        try insert(records)
        return records
    }

    private func insert(_ records: [UsageRecord]) throws {
        let writer = try LedgerWriter(database)
        for record in records { writer.record(record) }
        #expect(writer.flush())
    }
}

extension UsageRecord {
    /// The place where the usage of batches is told from other usage.
    fileprivate var place: String { endpoint == "batches" ? "batches" : "" }
}

extension LimitHistory.Requests {
    fileprivate var place: String { isOfBatches ? "batches" : "" }
}
