/// Days, hours and months as a report writes them, from counts since 1970 in the local time of a zone.
enum CalendarText {
    /// `2026-10` for the month that `day` lies in.
    static func month(ofDay day: Int64) -> String {
        let (year, month, _) = date(ofDay: day)
        return "\(padded(year, 4))-\(padded(month, 2))"
    }

    /// The first day of the month that `day` lies in.
    static func firstDayOfMonth(ofDay day: Int64) -> Int64 { day - date(ofDay: day).day + 1 }

    /// `2026-10-25`.
    static func day(_ day: Int64) -> String {
        let (year, month, dayOfMonth) = date(ofDay: day)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
    }

    /// `2026-10-25T02:00+01:00`.
    static func hour(_ hour: LocalHour) -> String {
        let minutes = abs(hour.offset) / 60
        return "\(day(floorDivide(hour.hour, 24)))T\(padded(floorModulo(hour.hour, 24), 2)):00"
            + "\(hour.offset < 0 ? "-" : "+")\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    }

    /// Year, month and day of the proleptic Gregorian calendar (Howard Hinnant's `civil_from_days`).
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        // Years begin in March, so that the leap day is the last one of a year; an era is 400 of them.
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = floorModulo(shifted, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        (value - floorModulo(value, divisor)) / divisor
    }

    private static func floorModulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
