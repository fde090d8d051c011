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
            var sums = LimitSums(span)
            try sums.add(from: database)
            history.uses = sums.uses()
            if let times = span.recent {
                history.recent = try Self.requests(
                    ReportSpan.condition(times), seconds: 1, hasParts: span.hasParts, in: database)
            }
            if let start = span.future {
                history.future = try Self.requests(
                    ReportSpan.condition(since: start), seconds: Quarter.seconds, hasParts: span.hasParts, in: database)
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

    /// The requests of each owner within steps of so many seconds.
    private static func requests(
        _ condition: (sql: String, arguments: StatementArguments), seconds: Int64, hasParts: Bool, in database: Database
    ) throws -> [LimitHistory.Requests] {
        let step = seconds.multipliedSaturated(by: 1_000_000)
        let parts = hasParts ? "IFNULL(model_served, model_asked), IFNULL(user, '')" : "NULL, NULL"
        // TOTAL adds floating-point numbers: beyond 64 bits SUM fails, and the gateway would not start.
        return try Row.fetchAll(
            database,
            sql: """
                SELECT MAX(started_at), key_id, team, TOTAL(counts_as_request),
                    TOTAL(input_tokens) + TOTAL(output_tokens), TOTAL(output_tokens), TOTAL(cost),
                    endpoint = '\(UsageRecord.endpointOfBatches)' AS is_of_batches, \(parts)
                FROM usage \(condition.sql)
                GROUP BY started_at / \(step), key_id, team, is_of_batches, 9, 10 ORDER BY started_at / \(step)
                """, arguments: condition.arguments
        ).map { row in
            let sums = (3...6).map { Int64(saturating: row[$0] as Double) }
            return LimitHistory.Requests(
                startedAt: Timestamp(microseconds: row[0]),
                UsageOwner(keyID: row[1], team: row[2], model: row[8], user: row[9]),
                amounts: .sum(requests: sums[0], tokens: sums[1], outputTokens: sums[2], cost: sums[3]),
                isOfBatches: row[7])
        }.filter { $0.amounts != LimitAmounts() }
    }
}
