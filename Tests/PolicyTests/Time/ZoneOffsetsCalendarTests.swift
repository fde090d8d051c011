import Foundation
import SeededRandom
import Testing

@testable import Policy

@Suite struct ZoneOffsetsCalendarTests {
    private static let first: Int64 = 1_577_836_800  // 2020
    private static let last: Int64 = 1_956_528_000  // 2032

    /// The offsets as the system's time zone data base has them, second by second where they change.
    private static func offsets(_ zone: TimeZone) -> ZoneOffsets {
        func offset(_ second: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))))
        }
        var periods = [ZoneOffsets.Period(start: first, offset: offset(first))]
        var second = first
        while second < last {
            if offset(second + 900) != periods[periods.count - 1].offset {
                var change = second
                while offset(change) == periods[periods.count - 1].offset { change += 1 }
                periods.append(.init(start: change, offset: offset(change)))
            }
            second += 900
        }
        return ZoneOffsets(periods: periods)
    }

    @Test(arguments: [
        "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "America/Santiago",
        "Pacific/Apia", "Africa/Cairo", "Asia/Gaza",
    ])
    func daysWeeksAndMonthsAreTheCalendars(name: String) throws {
        let zone = try #require(TimeZone(identifier: name))
        let offsets = Self.offsets(zone)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        calendar.firstWeekday = 2
        var generator = SeededGenerator(seed: 7)
        var seconds = (0..<2000).map { _ in
            Int64.random(in: Self.first + 86_400 * 40..<Self.last - 86_400 * 40, using: &generator)
        }
        for period in offsets.periods.dropFirst() where period.start < Self.last - 86_400 * 40 {
            seconds += [-86_400, -3601, -3600, -1800, -1, 0, 1, 1800, 3599, 3600, 86_400].map { period.start + $0 }
        }
        for second in seconds where second > Self.first + 86_400 * 40 {
            let date = Date(timeIntervalSince1970: Double(second))
            for (range, component) in [
                (offsets.day(at: second), Calendar.Component.day), (offsets.week(at: second), .weekOfYear),
                (offsets.month(at: second), .month),
            ] {
                let interval = try #require(calendar.dateInterval(of: component, for: date))
                #expect(range.contains(second))
                #expect(
                    range.lowerBound == Int64(interval.start.timeIntervalSince1970), "\(name) \(component) \(second)")
                #expect(range.upperBound == Int64(interval.end.timeIntervalSince1970), "\(name) \(component) \(second)")
            }
            let hour = offsets.hour(at: second)
            #expect(hour.contains(second))
            #expect(hour.count <= 3600)
            #expect(offsets.hour(at: hour.lowerBound) == hour)
            #expect(offsets.hour(at: hour.upperBound).lowerBound == hour.upperBound)
        }
    }

    @Test func theHourThatComesTwiceIsTwoHours() throws {
        let offsets = Self.offsets(try #require(TimeZone(identifier: "Europe/Paris")))
        let change: Int64 = 1_792_976_400  // 2026-10-26T01:00:00Z is a Monday; the change is a day before.
        let end = try #require(offsets.periods.last { $0.start < change }).start
        #expect(offsets.hour(at: end - 1) == end - 3600..<end)
        #expect(offsets.hour(at: end) == end..<end + 3600)
        #expect(offsets.day(at: end).count == 25 * 3600)
    }

    @Test func leapDaysBelongToFebruary() {
        let utc = ZoneOffsets(periods: [.init(start: 0, offset: 0)])
        let leapDay: Int64 = 1_835_352_000  // 2028-02-28T12:00:00Z
        #expect(utc.month(at: leapDay).count == 29 * 86_400)
        #expect(utc.month(at: leapDay + 86_400) == utc.month(at: leapDay))
        #expect(utc.month(at: leapDay + 2 * 86_400) != utc.month(at: leapDay))
        #expect(utc.month(at: -1) == -31 * 86_400..<0)
    }
}
