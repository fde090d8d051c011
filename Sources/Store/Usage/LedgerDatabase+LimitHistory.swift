import Bytes
import Clocks
import GRDB
import Policy

extension LedgerDatabase {
    /// Reads the usage that limits need after a start or a step of the clock: in the windows of `span`, of each second of the
    /// last minutes, and of each quarter of an hour to come.
    ///
    /// `UsageRecord.countsAsRequest` alone decides which requests count. Call it after the creation of the writer, which
    /// recovers the records of an earlier process. Blocks for a tenth of a second for a million rows: do not call it on an
    /// event loop.
    package func limitHistory(_ span: LimitHistory.Span) throws(LedgerError) -> LimitHistory {
        // One snapshot: `lastCorrection` says which corrections are in it.
        try reading { database in
            var history = LimitHistory()
            history.uses = try Self.uses(within: span.windows, in: database)
            if let times = span.recent {
                history.recent = try Self.requests(ReportSpan.condition(times), seconds: 1, in: database)
            }
            if let start = span.future {
                history.future = try Self.requests(
                    ReportSpan.condition(since: start), seconds: Quarter.seconds, in: database)
            }
            history.credits = try CorrectionTable.credits(
                since: span.windows.values.map(\.lowerBound).min(),
                until: span.windows.values.map(\.upperBound).max(), in: database)
            history.corrections =
                try span.lastCorrection.map { try CorrectionTable.changes(after: $0, in: database) } ?? []
            history.lastCorrection = try CorrectionTable.lastNumber(database)
            return history
        }
    }

    /// Reads each span of time between the ends of `windows` once, since windows contain each other. Only limits of an hour tell
    /// batches apart.
    private static func uses(
        within windows: [LimitWindow: Range<Timestamp>], in database: Database
    ) throws -> [LimitWindow: [LimitHistory.Use]] {
        let ends = Set(windows.values.flatMap { [$0.lowerBound, $0.upperBound] }).sorted()
        var sums = windows.mapValues { _ in [[String?]: LimitHistory.Use]() }
        for (start, end) in zip(ends, ends.dropFirst()) {
            let within = windows.filter { $0.value.contains(start) }.keys
            guard !within.isEmpty else { continue }
            let groupings: [UsageGrouping] = [.key, .team] + (within.contains(.hour) ? [.endpoint] : [])
            for var use in try uses(within: start..<end, by: groupings, in: database) {
                let isOfBatches = use.isOfBatches
                for window in within {
                    use.isOfBatches = isOfBatches && window == .hour
                    let user = [use.keyID, use.team, use.isOfBatches ? "" : nil]
                    let sum = sums[window]?[user]
                    sums[window]?[user] = sum.map { $0.adding(use.amounts) } ?? use
                }
            }
        }
        return sums.mapValues { Array($0.values) }
    }

    private static func uses(
        within times: Range<Timestamp>, by groupings: [UsageGrouping], in database: Database
    ) throws -> [LimitHistory.Use] {
        // Reports read totals: a month of rows would take a hundred times longer.
        let rows = try UsageReport.report(
            by: groupings, since: times.lowerBound, until: times.upperBound, timeZone: .gmt, energy: .vendor,
            withCredits: false, in: database)
        return rows.map { row in
            LimitHistory.Use(
                keyID: row[.key] ?? "", team: row[.team],
                amounts: .sum(
                    requests: row.countedRequests,
                    tokens: row.units.inputTokens.addingSaturated(row.units.outputTokens),
                    outputTokens: row.units.outputTokens, cost: row.cost.amount),
                isOfBatches: row[.endpoint] == UsageRecord.endpointOfBatches)
        }
    }

    /// The requests of each key and team within steps of so many seconds.
    private static func requests(
        _ condition: (sql: String, arguments: StatementArguments), seconds: Int64, in database: Database
    ) throws -> [LimitHistory.Requests] {
        let step = seconds.multipliedSaturated(by: 1_000_000)
        // TOTAL adds floating-point numbers: beyond 64 bits SUM fails, and the gateway would not start.
        return try Row.fetchAll(
            database,
            sql: """
                SELECT MAX(started_at), key_id, team, TOTAL(counts_as_request),
                    TOTAL(input_tokens) + TOTAL(output_tokens), TOTAL(output_tokens), TOTAL(cost),
                    endpoint = '\(UsageRecord.endpointOfBatches)' AS is_of_batches
                FROM usage \(condition.sql)
                GROUP BY started_at / \(step), key_id, team, is_of_batches ORDER BY started_at / \(step)
                """, arguments: condition.arguments
        ).map { row in
            let sums = (3...6).map { Int64(saturating: row[$0] as Double) }
            return LimitHistory.Requests(
                startedAt: Timestamp(microseconds: row[0]), keyID: row[1], team: row[2],
                amounts: .sum(requests: sums[0], tokens: sums[1], outputTokens: sums[2], cost: sums[3]),
                isOfBatches: row[7])
        }.filter { $0.amounts != LimitAmounts() }
    }
}
