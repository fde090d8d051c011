import Bytes
import Clocks
import GRDB
import Policy

extension LedgerDatabase {
    /// Reads the past usage that limits need after a start: in the windows of `span`, and of each second of the last minutes.
    ///
    /// `UsageRecord.countsAsRequest` alone decides which requests count. Call it after the creation of the writer, which
    /// recovers the records of an earlier process. Blocks for a tenth of a second for a million rows: do not call it on an
    /// event loop.
    package func limitHistory(_ span: LimitHistory.Span) throws(LedgerError) -> LimitHistory {
        var history = LimitHistory()
        for (window, start) in span.starts { history.uses[window] = try uses(since: start) }
        if let start = span.recent { history.recent = try recentRequests(since: start) }
        return history
    }

    private func uses(since start: Timestamp) throws(LedgerError) -> [LimitHistory.Use] {
        // Reports read totals: a month of rows would take a hundred times longer.
        let rows = try UsageReport(self).report(by: [.key, .team], since: start, timeZone: .gmt, energy: .vendor)
        return rows.map { row in
            LimitHistory.Use(
                keyID: row[.key] ?? "", team: row[.team],
                amounts: .sum(
                    requests: row.countedRequests,
                    tokens: row.units.inputTokens.addingSaturated(row.units.outputTokens),
                    outputTokens: row.units.outputTokens, cost: row.cost.amount))
        }
    }

    private func recentRequests(since start: Timestamp) throws(LedgerError) -> [LimitHistory.Requests] {
        let condition = ReportSpan.condition(since: start)
        return try reading { database in
            // TOTAL adds floating-point numbers: beyond 64 bits SUM fails, and the gateway would not start.
            try Row.fetchAll(
                database,
                sql: """
                    SELECT MAX(started_at), key_id, team, TOTAL(counts_as_request),
                        TOTAL(input_tokens) + TOTAL(output_tokens), TOTAL(output_tokens), TOTAL(cost)
                    FROM usage \(condition.sql)
                    GROUP BY started_at / 1000000, key_id, team ORDER BY started_at / 1000000
                    """, arguments: condition.arguments
            ).map { row in
                let sums = (3...6).map { Int64(saturating: row[$0] as Double) }
                return LimitHistory.Requests(
                    startedAt: Timestamp(microseconds: row[0]), keyID: row[1], team: row[2],
                    amounts: .sum(requests: sums[0], tokens: sums[1], outputTokens: sums[2], cost: sums[3]))
            }.filter { $0.amounts.requests > 0 || $0.amounts.tokens > 0 }
        }
    }
}
