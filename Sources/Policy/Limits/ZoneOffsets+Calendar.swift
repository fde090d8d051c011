/// Hours, days and months of a time zone, as half-open ranges of seconds since 1970. They cover all time without a gap.
extension ZoneOffsets {
    /// The hour of the clock at `second`. The hour that a clock shows twice when summer time ends is two hours, and a change that
    /// comes within an hour divides it.
    package func hour(at second: Int64) -> Range<Int64> {
        let index = periods.lastIndex { $0.start <= second } ?? 0
        let offset = periods[index].offset
        let local = Self.floorDivide(second + offset, 3600) * 3600
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

    /// The month at `second`.
    package func month(at second: Int64) -> Range<Int64> {
        let (year, month) = Self.month(ofDay: dayNumber(at: second))
        let next = month == 12 ? (year + 1, Int64(1)) : (year, month + 1)
        return start(
            ofDay: Self.firstDay(ofMonth: month, year: year))..<start(
                ofDay: Self.firstDay(ofMonth: next.1, year: next.0))
    }

    /// Days since 1970 of the day that has begun last: a clock that is set back over midnight does not return to the day before.
    private func dayNumber(at second: Int64) -> Int64 {
        var day = Self.floorDivide(second + offset(at: second), 86_400)
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

    /// The year and the month of a day since 1970, in the proleptic Gregorian calendar.
    ///
    /// Years begin in March here, so that the leap day is the last of its year; 400 of them have 146,097 days.
    private static func month(ofDay day: Int64) -> (year: Int64, month: Int64) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        return (yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9)
    }

    /// The days from 1970 to the first of a month.
    private static func firstDay(ofMonth month: Int64, year: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = floorDivide(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    }
}
