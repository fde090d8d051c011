import Foundation
import GRDB
import Policy

/// What limits have to know of the past when a gateway starts: what was used in the windows that are still open, and the
/// requests of the last moments.
package struct LimitHistory: Sendable, Equatable {
    /// What one key used for one team in a window. A key without a team has nil, and a key that changed its team has several.
    package struct Use: Sendable, Equatable {
        /// The public id of the key.
        package var keyID: String
        /// The team at the time of the requests.
        package var team: String?
        /// Requests that went upstream or were refused.
        package var requests: Int64
        /// Tokens written, reasoning among them.
        package var outputTokens: Int64
        /// What they cost.
        package var cost: NanoEuros
    }

    /// One request of the last moments.
    package struct Request: Sendable, Equatable {
        /// When it began.
        package var startedAt: Timestamp
        /// The public id of the key.
        package var keyID: String
        /// The team at that time.
        package var team: String?
        /// How it ended; what was refused never went upstream.
        package var ending: Ending
        /// Input and output tokens together.
        package var tokens: Int64
    }

    /// For each window asked for, in the same order, its uses. A team's and the account's are sums over these.
    package var windows: [[Use]]
    /// In the order of their ids, which is about that of their beginnings.
    package var recent: [Request]
}

extension LedgerDatabase {
    /// What limits need after a start: what was used since each of `starts`, the beginnings of the hour, day and month that
    /// are current, and the single requests since `recently`. Ask once the writer is there, which recovers what an earlier
    /// process has left. Blocks, a tenth of a second for a million rows: not for an event loop.
    package func limitHistory(since starts: [Timestamp], recently: Timestamp) throws(LedgerError) -> LimitHistory {
        let report = UsageReport(self)
        var windows: [[LimitHistory.Use]] = []
        for start in starts {
            let rows = try report.report(by: [.key, .team], since: start, timeZone: .gmt, energy: .vendor)
            windows.append(
                rows.map { row in
                    LimitHistory.Use(
                        keyID: row[.key] ?? "", team: row[.team], requests: row.requests,
                        outputTokens: row.units.outputTokens, cost: row.cost)
                })
        }
        let recent = try reading { database in
            var requests: [LimitHistory.Request] = []
            let condition = ReportSpan.condition(since: recently)
            try UsageRows.forEach(condition.sql, arguments: condition.arguments, in: database) { record in
                requests.append(
                    LimitHistory.Request(
                        startedAt: record.startedAt, keyID: record.keyID, team: record.team, ending: record.ending,
                        tokens: record.units.inputTokens.addingSaturated(record.units.outputTokens)))
            }
            return requests
        }
        return LimitHistory(windows: windows, recent: recent)
    }
}
