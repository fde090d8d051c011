import Foundation
import Testing

@testable import Store

@Suite struct CalendarTextTests {
    @Test func daysAndMonthsAgreeWithFoundation() {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        // Every day from 1970 to 2105: the leap years, and 2100, which is none.
        for day in Int64(0)..<49_500 {
            let parts = calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let expected = String(format: "%04d-%02d-%02d", parts.year!, parts.month!, parts.day!)
            guard CalendarText.day(day) == expected, CalendarText.month(ofDay: day) == expected.prefix(7),
                CalendarText.firstDayOfMonth(ofDay: day) == day - Int64(parts.day!) + 1
            else {
                Issue.record("day \(day) is \(CalendarText.day(day)), expected \(expected)")
                return
            }
        }
    }

    @Test func daysBefore1970() {
        #expect(CalendarText.day(-1) == "1969-12-31")
        #expect(CalendarText.month(ofDay: -32) == "1969-11")
    }

    @Test func hoursNameTheirOffset() {
        for (hour, offset, text) in [
            (0, 0, "1970-01-01T00:00+00:00"), (498_026, 7200, "2026-10-25T02:00+02:00"),
            (498_026, 3600, "2026-10-25T02:00+01:00"), (5, 19_800, "1970-01-01T05:00+05:30"),
            (1, -12_600, "1970-01-01T01:00-03:30"),
        ] as [(Int64, Int64, String)] {
            let number = LocalHour(hour: hour, offset: offset).number
            #expect(CalendarText.hour(LocalHour(number)) == text)
        }
    }
}
