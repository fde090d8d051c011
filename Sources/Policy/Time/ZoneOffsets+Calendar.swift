import Bytes

/// Hours, days, weeks and months of a time zone, as half-open ranges of seconds since 1970. They cover all time without a gap.
///
/// Seconds beyond 2⁵³ are cut off: no clock shows them, and the arithmetic stays far from an overflow.
extension ZoneOffsets {
    /// The hour at `second`. The hour that a clock shows twice when summer time ends is two hours. A change of the offset within
    /// an hour divides it.
    package func hour(at second: Int64) -> Range<Int64> {
        let second = Self.bounded(second)
        let index = periods.lastIndex { $0.start <= second } ?? 0
        let offset = periods[index].offset
        let local = (second + offset).flooredQuotient(by: 3600) * 3600
        var start = local - offset
        var end = start + 3600
        if index > 0 { start = max(start, periods[index].start) }
        if index + 1 < periods.count { end = min(end, periods[index + 1].start) }
        return start..<end
    }

    /// The day at `second`: 23 to 25 hours.
    package func day(at second: Int64) -> Range<Int64> {
        let day = dayNumber(at: second)
        return start(ofDay: day)..<start(ofDay: day + 1)
    }

    /// The week at `second`, from Monday on (ISO 8601).
    package func week(at second: Int64) -> Range<Int64> {
        // 1970-01-01 was a Thursday.
        let monday = (dayNumber(at: second) + 3).flooredQuotient(by: 7) * 7 - 3
        return start(ofDay: monday)..<start(ofDay: monday + 7)
    }

    /// The month at `second`.
    package func month(at second: Int64) -> Range<Int64> {
        let date = CivilDate(daysSince1970: dayNumber(at: second))
        let isLast = date.month == 12
        let first = CivilDate(year: date.year, month: date.month, day: 1)
        let next = CivilDate(year: isLast ? date.year + 1 : date.year, month: isLast ? 1 : date.month + 1, day: 1)
        return start(ofDay: first.daysSince1970)..<start(ofDay: next.daysSince1970)
    }

    /// Days since 1970 of the latest day that has started. A clock that is set back over midnight stays in the new day.
    private func dayNumber(at second: Int64) -> Int64 {
        let second = Self.bounded(second)
        var day = (second + offset(at: second)).flooredQuotient(by: 86_400)
        while start(ofDay: day + 1) <= second { day += 1 }
        return day
    }

    /// The first second at which the zone's clocks show the day `day` or a later one.
    private func start(ofDay day: Int64) -> Int64 {
        let midnight = day * 86_400
        for index in periods.indices {
            let period = periods[index]
            let end = index + 1 < periods.count ? periods[index + 1].start : Int64.max
            let candidate = index == 0 ? midnight - period.offset : max(period.start, midnight - period.offset)
            if candidate < end { return candidate }
        }
        return midnight - periods[periods.count - 1].offset
    }

    private static func bounded(_ second: Int64) -> Int64 { min(max(second, -(1 << 53)), 1 << 53) }
}
