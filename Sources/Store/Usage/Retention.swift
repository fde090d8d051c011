import Bytes
import Clocks
import Foundation
import GRDB
import Policy

/// Folds rows that are old enough into daily totals, in the archive: reports go on counting them, each day as a whole at its
/// first moment, and the rows are gone.
package struct Retention: Sendable {
    private let database: LedgerDatabase
    private let zone: TimeZone

    /// Folds rows of `database` into the days of `timeZone`.
    package init(_ database: LedgerDatabase, timeZone: TimeZone) {
        self.database = database
        zone = timeZone
    }

    /// Folds at most `limit` rows, the oldest first, of the days that lie before the day of `moment`, in one transaction. Other
    /// writers get their turn between two calls: call it until it returns 0, once an hour. Blocks: not for an event loop.
    /// - Returns: how many rows were folded.
    package func fold(before moment: Timestamp, atMost limit: Int = 2000) throws(LedgerError) -> Int {
        var days = LocalDays(zone)
        let end = days.start(of: days.day(of: Quarter(of: moment)))
        return try database.writing { database in
            var change = TotalsChange()
            var archived = TotalsChange()
            var numbers: [Int64] = []
            try UsageRows.forEach(
                "WHERE number < ? AND started_at < ? ORDER BY number LIMIT ?",
                arguments: [
                    ReportSpan.firstNumber(after: Timestamp(seconds: end.second)), end.second * 1_000_000, limit,
                ],
                in: database
            ) { record, number, group in
                let quarter = Quarter(of: record.startedAt)
                change.add(UsageTotals(record), group: group, at: quarter)
                archived.add(UsageTotals(record), group: group, at: days.start(of: days.day(of: quarter)))
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

/// The days of a time zone, by their number since 1970 in local time.
struct LocalDays {
    private let zone: TimeZone
    private var starts: [Int64: Quarter] = [:]

    init(_ zone: TimeZone) { self.zone = zone }

    /// The day that `quarter` lies in.
    func day(of quarter: Quarter) -> Int64 {
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(quarter.second)))
        return (quarter.second + Int64(offset)).flooredQuotient(by: 86_400)
    }

    /// The first quarter of `day`.
    mutating func start(of day: Int64) -> Quarter {
        if let known = starts[day] { return known }
        // Where clocks change at midnight a day may begin at one o'clock; no zone is further than 18 hours from UTC.
        var quarter = Quarter(number: day * 96 - 72)
        while self.day(of: quarter) < day { quarter = Quarter(number: quarter.number + 1) }
        starts[day] = quarter
        return quarter
    }
}
