import Foundation
import GRDB

/// The days and months of a time zone that are over, and their hours.
struct SpanCalendar {
    /// The days of the first three quarters of a month.
    private static let daysOfPart: Int64 = 8

    /// The first period that may still get requests.
    private let open: Int64
    private let zone: TimeZone
    private var days: LocalDays

    /// The days and months of `zone` whose periods are all before the period `open`.
    init(_ zone: TimeZone, closedBefore open: Int64) {
        self.open = open
        self.zone = zone
        days = LocalDays(zone)
    }

    /// The first day at `quarter` or later, or with it, in whose periods are totals; nil if it is not over, and without totals.
    mutating func firstDay(from quarter: Quarter, in database: Database) throws -> Range<Quarter>? {
        let sql = """
            SELECT MIN(period) FROM (
                SELECT MIN(period) AS period FROM usage_totals WHERE place = 0 AND period >= ?1
                UNION ALL SELECT MIN(period) FROM usage_totals WHERE place = 1 AND period >= ?1)
            """
        guard let period = try Int64.fetchOne(database, sql: sql, arguments: [quarter.period]), period < open else {
            return nil
        }
        guard Quarter.periods.contains(period) else { throw PeriodTotals.damage }
        let number = days.day(of: max(quarter, Quarter(period: period, quarter: 0)))
        return closed(days.start(of: number)..<days.start(of: number + 1))
    }

    /// The longer spans with `day` that are over, the shorter first: a quarter of a month, which spares a report in the middle of a month
    /// most of the days, and the month.
    mutating func longer(of day: Range<Quarter>) -> [Range<Quarter>] {
        let number = days.day(of: day.lowerBound)
        let first = CalendarText.firstDayOfMonth(ofDay: number)
        // No month has more than 31 days, nor fewer than 28.
        let next = CalendarText.firstDayOfMonth(ofDay: first + 31)
        let part = min(3, (number - first) / Self.daysOfPart)
        let start = first + part * Self.daysOfPart
        return [start..<(part == 3 ? next : start + Self.daysOfPart), first..<next].compactMap { span in
            closed(days.start(of: span.lowerBound)..<days.start(of: span.upperBound))
        }
    }

    /// The hours of `day` as reports tell them apart.
    func hours(of day: Range<Quarter>) -> [Range<Quarter>] {
        var clock = ReportClock(zone, by: [.hour])
        var hours: [Range<Quarter>] = []
        var start = day.lowerBound
        for number in day.lowerBound.number + 1...day.upperBound.number {
            let quarter = Quarter(number: number)
            guard quarter == day.upperBound || clock.number(of: quarter) != clock.number(of: start) else { continue }
            hours.append(start..<quarter)
            start = quarter
        }
        return hours
    }

    private func closed(_ quarters: Range<Quarter>) -> Range<Quarter>? {
        Quarter(number: quarters.upperBound.number - 1).period < open ? quarters : nil
    }
}
