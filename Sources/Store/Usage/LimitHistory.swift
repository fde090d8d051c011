import Clocks
import GRDB
import Policy

extension LedgerDatabase {
    /// Usage that limits are restored from: in the windows of `span`, and of each second of the last minutes.
    ///
    /// Call it once the writer exists, which recovers the requests of earlier processes. Blocks, a tenth of a second for a
    /// million rows: not for an event loop.
    package func limitHistory(_ span: LimitHistory.Span) throws(LedgerError) -> LimitHistory {
        var history = LimitHistory()
        for (window, start) in span.starts { history.uses[window] = try uses(since: start) }
        if let start = span.recent { history.recent = try recentRequests(since: start) }
        return history
    }

    /// The sums of `LimitAmounts`. A request counts where it was held against limits and was not given back.
    private static let sums = """
        SUM(endpoint NOT IN ('models', 'files', 'batches') AND (status BETWEEN 200 AND 299 OR status = 101
        OR input_tokens + output_tokens > 0 OR cost > 0)), SUM(input_tokens + output_tokens), SUM(output_tokens), SUM(cost)
        """

    private func uses(since start: Timestamp) throws(LedgerError) -> [LimitHistory.Use] {
        let condition = ReportSpan.condition(since: start)
        return try reading { database in
            try Row.fetchAll(
                database,
                sql: "SELECT key_id, team, \(Self.sums) FROM usage \(condition.sql) GROUP BY key_id, team",
                arguments: condition.arguments
            ).map { row in LimitHistory.Use(keyID: row[0], team: row[1], amounts: Self.amounts(row, at: 2)) }
        }
    }

    private func recentRequests(since start: Timestamp) throws(LedgerError) -> [LimitHistory.Requests] {
        let condition = ReportSpan.condition(since: start)
        return try reading { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT MAX(started_at), key_id, team, \(Self.sums) FROM usage \(condition.sql)
                    GROUP BY started_at / 1000000, key_id, team ORDER BY started_at / 1000000
                    """, arguments: condition.arguments
            ).map { row in
                LimitHistory.Requests(
                    startedAt: Timestamp(microseconds: row[0]), keyID: row[1], team: row[2],
                    amounts: Self.amounts(row, at: 3))
            }.filter { $0.amounts.requests > 0 || $0.amounts.tokens > 0 }
        }
    }

    private static func amounts(_ row: Row, at index: Int) -> LimitAmounts {
        .sum(
            requests: row[index], tokens: row[index + 1], outputTokens: row[index + 2], cost: row[index + 3])
    }
}
