import Bytes
import Clocks

/// A date of the proleptic Gregorian calendar.
package struct CivilDate: Sendable, Equatable {
    /// The year; the one before 1 is 0.
    package var year: Int64
    /// The month, 1 to 12.
    package var month: Int64
    /// The day of the month, 1 to 31.
    package var day: Int64

    /// The date of these numbers.
    package init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    // Years begin in March here, so that the leap day is the last of its year; 400 of them, an era, have 146,097 days (Howard
    // Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static let daysOfEra: Int64 = 146_097
    private static let daysBefore1970: Int64 = 719_468

    /// The date so many days after 1970-01-01.
    package init(daysSince1970 days: Int64) {
        let shifted = days + Self.daysBefore1970
        let era = shifted.flooredQuotient(by: Self.daysOfEra)
        let dayOfEra = shifted - era * Self.daysOfEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    }

    /// Days from 1970-01-01 to this date.
    package var daysSince1970: Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year.flooredQuotient(by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * Self.daysOfEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - Self.daysBefore1970
    }
}

extension Timestamp {
    /// As `2026-11-23T11:00:00Z`, to the second, rounded up: nothing that happens at this moment has happened before.
    package var utcText: String {
        let second = (microseconds + 999_999).flooredQuotient(by: 1_000_000)
        let day = second.flooredQuotient(by: 86_400)
        let date = CivilDate(daysSince1970: day)
        let time = second - day * 86_400
        func padded(_ number: Int64, _ width: Int) -> String { String(padding: number, toDigits: width) }
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
            + "\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))Z"
    }
}
