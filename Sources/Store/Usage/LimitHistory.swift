import Clocks
import GRDB
import Policy

extension LedgerDatabase {
    /// What limits need after a start: what was used in the windows of `span`, and the requests of the last moments that
    /// count, those of a key in one second together. Ask once the writer is there, which recovers what an earlier process has left. Blocks, a tenth of a second for a
    /// million rows: not for an event loop.
    package func limitHistory(_ span: LimitHistory.Span) throws(LedgerError) -> LimitHistory {
        let report = UsageReport(self)
        func uses(since start: Timestamp) throws(LedgerError) -> [LimitHistory.Use] {
            try report.report(by: [.key, .team], since: start, timeZone: .gmt, energy: .vendor).map { row in
                LimitHistory.Use(
                    keyID: row[.key] ?? "", team: row[.team],
                    amounts: LimitAmounts(outputTokens: row.units.outputTokens, cost: row.cost.amount))
            }
        }
        let recent = try span.recent.map { moment throws(LedgerError) in try recentRequests(since: moment) }
        return LimitHistory(
            hour: try uses(since: span.hour), day: try uses(since: span.day), month: try uses(since: span.month),
            recent: recent ?? [])
    }

    /// The requests since `moment` that are held against limits and were not given back, as `LimitOutcome` says.
    private func recentRequests(since moment: Timestamp) throws(LedgerError) -> [LimitHistory.Requests] {
        let condition = ReportSpan.condition(since: moment)
        return try reading { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT MAX(started_at), key_id, team, COUNT(*), SUM(input_tokens + output_tokens)
                    FROM usage \(condition.sql) AND endpoint NOT IN ('models', 'files', 'batches')
                    AND (status BETWEEN 200 AND 299 OR status = 101 OR input_tokens + output_tokens > 0 OR cost > 0)
                    GROUP BY started_at / 1000000, key_id, team ORDER BY started_at / 1000000
                    """, arguments: condition.arguments
            ).map { row in
                LimitHistory.Requests(
                    startedAt: Timestamp(microseconds: row[0]), keyID: row[1], team: row[2], count: row[3],
                    tokens: row[4])
            }
        }
    }
}
