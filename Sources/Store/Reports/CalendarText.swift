import Bytes
import Policy

/// The text of days, hours and months in a report, from counts since 1970 in local time.
enum CalendarText {
    /// Returns the month that contains `day`, as `2026-10`.
    static func month(ofDay day: Int64) -> String {
        let date = CivilDate(daysSince1970: day)
        return "\(padded(date.year, 4))-\(padded(date.month, 2))"
    }

    /// Returns the first day of the month that contains `day`.
    static func firstDayOfMonth(ofDay day: Int64) -> Int64 { day - CivilDate(daysSince1970: day).day + 1 }

    /// Returns a day as `2026-10-25`.
    static func day(_ day: Int64) -> String { CivilDate(daysSince1970: day).description }

    /// Returns an hour as `2026-10-25T02:00+01:00`.
    static func hour(_ hour: LocalHour) -> String {
        let minutes = abs(hour.offset) / 60
        return "\(day(hour.hour.flooredQuotient(by: 24)))T\(padded(floorModulo(hour.hour, 24), 2)):00"
            + "\(hour.offset < 0 ? "-" : "+")\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))"
    }

    private static func floorModulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        let remainder = value % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }

    private static func padded(_ number: Int64, _ width: Int) -> String { String(padding: number, toDigits: width) }
}
