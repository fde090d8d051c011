import Foundation
import SeededRandom
import Testing

@testable import Policy

@Suite struct CivilDateTests {
    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(identifier: "UTC")!
        return calendar
    }()

    @Test(
        arguments: [
            (0, 1970, 1, 1), (-1, 1969, 12, 31), (59, 1970, 3, 1), (11_016, 2000, 2, 29), (11_017, 2000, 3, 1),
            (-719_468, 0, 3, 1), (20_780, 2026, 11, 23),
        ] as [(Int64, Int64, Int64, Int64)])
    func knownDays(days: Int64, year: Int64, month: Int64, day: Int64) {
        let date = CivilDate(daysSince1970: days)
        #expect(date == CivilDate(year: year, month: month, day: day))
        #expect(date.daysSince1970 == days)
    }

    @Test func agreesWithTheSystemsCalendar() {
        var generator = SeededGenerator(seed: 41)
        for _ in 0..<2000 {
            // From 1600 to 2400: Foundation's calendar is Julian before.
            let days = Int64.random(in: -135_140...157_054, using: &generator)
            let parts = Self.calendar.dateComponents(
                [.year, .month, .day], from: Date(timeIntervalSince1970: Double(days) * 86_400))
            let date = CivilDate(daysSince1970: days)
            #expect(date.year == Int64(parts.year!))
            #expect(date.month == Int64(parts.month!))
            #expect(date.day == Int64(parts.day!))
        }
    }

    @Test func daysMakeTheRoundTrip() {
        var generator = SeededGenerator(seed: 42)
        for _ in 0..<2000 {
            let days = Int64.random(in: -(1 << 40)...(1 << 40), using: &generator)
            let date = CivilDate(daysSince1970: days)
            #expect(date.daysSince1970 == days)
            #expect((1...12).contains(date.month))
            #expect((1...31).contains(date.day))
        }
    }

    @Test(arguments: ["2026-12-01", "2024-02-29", "0001-01-01", "9999-12-31"]) func textMakesTheRoundTrip(text: String)
    {
        #expect(CivilDate(text)?.description == text)
    }

    @Test(arguments: [
        "", "2026", "2026-12", "2026-12-1", "26-12-01", "2026-13-01", "2026-02-29", "2026-04-31", "2026-00-10",
        "0000-01-01",
        "2026-12-01 ", "2026-12-01T00:00", "+026-12-01", "2026--1-01", "２026-12-1", "2026-12-01-",
    ])
    func otherTextIsNoDate(text: String) {
        #expect(CivilDate(text) == nil)
    }

    @Test func datesCompareAsTheirDays() {
        var generator = SeededGenerator(seed: 43)
        for _ in 0..<2000 {
            let days = (generator.number(-800_000...800_000), generator.number(-800_000...800_000))
            let dates = (CivilDate(daysSince1970: Int64(days.0)), CivilDate(daysSince1970: Int64(days.1)))
            #expect((dates.0 < dates.1) == (days.0 < days.1))
            #expect((dates.0 == dates.1) == (days.0 == days.1))
        }
    }

    @Test(arguments: [Int64.min, -(1 << 41), 1 << 41, Int64.max])
    func wildDaysAreCutOff(days: Int64) {
        #expect(CivilDate(daysSince1970: days).daysSince1970.magnitude == 1 << 40)
    }

    @Test(arguments: [Int64.min, -1, 0, 13, 32, Int64.max])
    func wildNumbersAreCutOff(number: Int64) {
        let date = CivilDate(year: number, month: number, day: number)
        #expect((1...12).contains(date.month))
        #expect((1...31).contains(date.day))
        #expect(date.daysSince1970.magnitude < 1 << 50)
    }
}
