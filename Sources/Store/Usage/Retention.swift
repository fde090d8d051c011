import Clocks
import Foundation
import GRDB
import Policy

/// Folds old rows into daily totals, in the archive, and deletes them.
///
/// Reports still count them, each day as a whole at its first moment.
package struct Retention: Sendable {
    private let database: LedgerDatabase
    private let zone: TimeZone

    /// Folds rows of `database` into the days of `timeZone`.
    package init(_ database: LedgerDatabase, timeZone: TimeZone) {
        self.database = database
        zone = timeZone
    }

    /// Folds at most `limit` rows of the days before the day of `moment`, the oldest first, in one transaction.
    ///
    /// Call it once an hour until it returns 0: other writers get their turn between two calls. Blocks: do not call it on an
    /// event loop.
    /// - Returns: the number of folded rows.
    package func fold(before moment: Timestamp, atMost limit: Int = 2000) throws(LedgerError) -> Int {
        var days = LocalDays(zone)
        let end = Timestamp(seconds: days.start(of: days.day(of: Quarter(of: moment))).second)
        return try database.writing { database in
            var change = TotalsChange()
            var archived = TotalsChange()
            var numbers: [Int64] = []
            try UsageTable.forEach(
                "WHERE number < ? AND started_at < ? ORDER BY number LIMIT ?",
                arguments: [
                    ReportSpan.firstNumber(after: end), end.microseconds, limit,
                ],
                in: database
            ) { record, number, group in
                let quarter = Quarter(of: record.startedAt)
                let totals = UsageTotals(record)
                change.add(totals, group: group, at: quarter)
                archived.add(totals, group: group, at: days.start(of: days.day(of: quarter)))
                numbers.append(number)
            }
            let delete = try database.cachedStatement(sql: "DELETE FROM usage_rows WHERE number = ?")
            for number in numbers { try delete.execute(arguments: [number]) }
            try change.apply(.subtract, to: .rows, in: database)
            try archived.apply(to: .archive, in: database)
            return numbers.count
        }
    }
}
