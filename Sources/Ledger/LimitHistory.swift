import Foundation
import GRDB
import Policy

extension LedgerDatabase {
    /// What limits need after a start: what was used in the windows of `span`, and the single requests of the last moments that
    /// count. Ask once the writer is there, which recovers what an earlier process has left. Blocks, a tenth of a second for a
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
        let recent = try reading { database in
            var requests: [LimitHistory.Request] = []
            let condition = ReportSpan.condition(since: span.recent)
            try UsageRows.forEach(condition.sql, arguments: condition.arguments, in: database) { record in
                guard case .used(let amounts) = LimitOutcome(record) else { return }
                requests.append(
                    LimitHistory.Request(
                        startedAt: record.startedAt, keyID: record.keyID, team: record.team, tokens: amounts.tokens))
            }
            return requests
        }
        return LimitHistory(
            hour: try uses(since: span.hour), day: try uses(since: span.day), month: try uses(since: span.month),
            recent: recent)
    }
}
