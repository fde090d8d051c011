import Bytes

/// A date of the proleptic Gregorian calendar.
package struct CivilDate: Sendable {
    /// The year. The year before 1 is 0.
    package let year: Int64
    /// The month, 1 to 12.
    package let month: Int64
    /// The day of the month, 1 to 31.
    package let day: Int64

    /// The largest year and, in days, the largest distance from 1970: beyond all clocks, and far from an overflow.
    private static let bound: Int64 = 1 << 40

    /// The date with these numbers. Numbers out of range are cut off.
    package init(year: Int64, month: Int64, day: Int64) {
        self.year = min(max(year, -Self.bound), Self.bound)
        self.month = min(max(month, 1), 12)
        self.day = min(max(day, 1), 31)
    }

    /// The date with these numbers in the years 1 to 9999; nil for a day that the calendar does not have.
    package init?(existing year: Int64, _ month: Int64, _ day: Int64) {
        let date = CivilDate(year: year, month: month, day: day)
        guard 1...9999 ~= year, 1...12 ~= month, 1...31 ~= day, CivilDate(daysSince1970: date.daysSince1970) == date
        else { return nil }
        self = date
    }

    /// The date that `text` states, as `2026-12-01`; nil for any other text.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy(ASCII.isDigit) }),
            let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2])
        else { return nil }
        self.init(existing: year, month, day)
    }

    // Years start in March here, so that the leap day is the last of its year. An era of 400 years has 146,097 days (Howard
    // Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static let daysOfEra: Int64 = 146_097
    private static let daysBefore1970: Int64 = 719_468

    /// The date `days` days after 1970-01-01. Days beyond 2⁴⁰ are cut off.
    package init(daysSince1970 days: Int64) {
        let shifted = min(max(days, -Self.bound), Self.bound) + Self.daysBefore1970
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

extension CivilDate: Comparable, Hashable, CustomStringConvertible {
    package static func < (left: CivilDate, right: CivilDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }

    /// The date as `2026-12-01`.
    package var description: String {
        "\(String(padding: year, toDigits: 4))-\(String(padding: month, toDigits: 2))-\(String(padding: day, toDigits: 2))"
    }
}
