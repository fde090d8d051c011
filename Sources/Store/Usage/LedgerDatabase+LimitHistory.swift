import Bytes
import Clocks
import GRDB
import Policy

extension LedgerDatabase {
    /// Reads the past usage that limits need after a start: the usage in the windows of `span`, and recent requests.
    ///
    /// Call it after the creation of the writer, which recovers the records of an earlier process. Blocks for a tenth of a
    /// second for a million rows: do not call it on an event loop.
    package func limitHistory(_ span: LimitHistory.Span) throws(LedgerError) -> LimitHistory {
        let report = UsageReport(self)
        func uses(since start: Timestamp) throws(LedgerError) -> [LimitHistory.Use] {
            try report.report(by: [.key, .team], since: start, timeZone: .gmt, energy: .vendor).map { row in
                LimitHistory.Use(keyID: row[.key] ?? "", team: row[.team], amounts: LimitAmounts(row))
            }
        }
        let recent = try span.recent.map { moment throws(LedgerError) in try recentRequests(since: moment) }
        return LimitHistory(
            hour: try uses(since: span.hour), day: try uses(since: span.day), month: try uses(since: span.month),
            recent: recent ?? [])
    }

    /// Reads the requests since `moment`; those of a key and team within a second together.
    private func recentRequests(since moment: Timestamp) throws(LedgerError) -> [LimitHistory.Requests] {
        let condition = ReportSpan.condition(since: moment)
        // `total` adds floating-point numbers: it cannot fail as `SUM` does beyond 64 bits.
        return try reading { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT MAX(started_at), key_id, team, SUM(counts_as_request), TOTAL(input_tokens) + TOTAL(output_tokens)
                    FROM usage \(condition.sql)
                    GROUP BY started_at / 1000000, key_id, team
                    HAVING SUM(counts_as_request) > 0 OR TOTAL(input_tokens) + TOTAL(output_tokens) > 0
                    ORDER BY started_at / 1000000
                    """, arguments: condition.arguments
            ).map { row in
                LimitHistory.Requests(
                    startedAt: Timestamp(microseconds: row[0]), keyID: row[1], team: row[2], count: row[3],
                    tokens: Int64(clamping: Int128(row[4] as Double)))
            }
        }
    }
}

extension LimitAmounts {
    /// The sums of a report's row.
    fileprivate init(_ row: UsageRow) {
        self.init(outputTokens: row.units.outputTokens, cost: row.cost.amount)
    }
}
