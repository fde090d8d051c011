import Clocks
import Foundation
import Policy
import Testing

@testable import propylon

@Suite struct TimeTextTests {
    @Test func minutesAreThoseOfTheZone() throws {
        let moment = Timestamp(seconds: 1_795_428_059)
        #expect(TimeText(zone: .gmt).minute(moment) == "2026-11-23 10:00")
        #expect(TimeText(zone: try #require(TimeZone(identifier: "Asia/Kolkata"))).minute(moment) == "2026-11-23 15:30")
    }

    private let paris: TimeText
    private let now: Timestamp

    init() throws {
        paris = TimeText(zone: try #require(TimeZone(identifier: "Europe/Paris")))
        now = Timestamp(seconds: 1_795_404_896)  // 2026-11-23T03:34:56Z, 04:34:56 in Paris
    }

    @Test(arguments: [
        ("0s", 0), ("90s", 90), ("5m", 300), ("24h", 86_400), ("30d", 2_592_000), ("2w", 1_209_600),
    ])
    func durations(text: String, seconds: Int) throws {
        #expect(try TimeText.duration(text) == .seconds(seconds))
    }

    @Test(arguments: ["", "d", "24", "-1h", "1.5h", "1 h", "9999999999999999999s", "400000000000w", "1y", "٣d"])
    func badDurations(text: String) {
        #expect(throws: TimeText.Problem.self) { try TimeText.duration(text) }
    }

    @Test(arguments: [
        ("2026-11-01", "2026-10-31T23:00:00Z"),
        ("2026-07-01", "2026-06-30T22:00:00Z"),
        ("2026-11-01T12:00", "2026-11-01T11:00:00Z"),
        ("2026-11-01 12:00:30", "2026-11-01T11:00:30Z"),
        ("2026-11-01T12:00Z", "2026-11-01T12:00:00Z"),
        ("2026-11-01T12:00:00-03:30", "2026-11-01T15:30:00Z"),
        ("2028-02-29", "2028-02-28T23:00:00Z"),
        // The clock shows half past two twice: the first one.
        ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
        ("2026-10-25T03:00", "2026-10-25T02:00:00Z"),
        // The clock goes from two to three: half past two becomes half past three.
        ("2026-03-29T02:30", "2026-03-29T01:30:00Z"),
        ("2026-03-29T03:00", "2026-03-29T01:00:00Z"),
        ("2026-03-29", "2026-03-28T23:00:00Z"),
        ("2026-03-30", "2026-03-29T22:00:00Z"),
    ])
    func moments(text: String, expected: String) throws {
        let utc = TimeText(zone: .gmt)
        #expect(utc.string(try paris.moment(text)) == expected)
    }

    @Test(arguments: [
        "", "yesterday", "2026", "2026-11", "2026-13-01", "2026-02-30", "2027-02-29", "2026-11-01T24:00",
        "2026-11-01T12",
        "2026-11-01T12:60", "2026-11-01T12:00:60", "2026-11-01T12:00+19:00", "2026-11-01Z", "2026-11-01T12:00+1:00",
        "٢٠٢٦-11-01",
    ])
    func badMoments(text: String) {
        #expect(throws: TimeText.Problem.self) { try paris.moment(text) }
    }

    @Test(arguments: [
        ("24h", "2026-11-22T04:34:56+01:00"),
        ("7d", "2026-11-16T04:34:56+01:00"),
        ("90m", "2026-11-23T03:04:56+01:00"),
        ("hour", "2026-11-23T04:00:00+01:00"),
        ("day", "2026-11-23T00:00:00+01:00"),
        ("month", "2026-11-01T00:00:00+01:00"),
        ("last-month", "2026-10-01T00:00:00+02:00"),
        ("2026-10-25", "2026-10-25T00:00:00+02:00"),
    ])
    func past(text: String, expected: String) throws {
        #expect(paris.string(try paris.past(text, now: now)) == expected)
    }

    @Test func lastMonthOfJanuaryIsDecember() throws {
        let january = try paris.moment("2026-01-31T12:00")
        #expect(paris.string(try paris.past("last-month", now: january)) == "2025-12-01T00:00:00+01:00")
    }

    @Test func theHourThatComesTwiceIsTheOneOfNow() throws {
        let second = try paris.moment("2026-10-25T02:45+01:00")
        #expect(paris.string(try paris.past("hour", now: second)) == "2026-10-25T02:00:00+01:00")
        let first = try paris.moment("2026-10-25T02:45+02:00")
        #expect(paris.string(try paris.past("hour", now: first)) == "2026-10-25T02:00:00+02:00")
    }

    @Test func aDayThatBeginsInTheMiddle() throws {
        // Summer begins at midnight in Beirut: the day's first moment is one o'clock.
        let beirut = TimeText(zone: try #require(TimeZone(identifier: "Asia/Beirut")))
        #expect(beirut.string(try beirut.moment("2026-03-29")) == "2026-03-29T01:00:00+03:00")
    }

    /// `now` is a Monday in winter time.
    @Test(arguments: [
        ("hour", "2026-11-23T05:00:00+01:00"), ("day", "2026-11-24T00:00:00+01:00"),
        ("week", "2026-11-30T00:00:00+01:00"), ("month", "2026-12-01T00:00:00+01:00"),
        ("24h", "2026-11-24T04:34:56+01:00"), ("2027-01-01", "2027-01-02T00:00:00+01:00"),
    ])
    func end(text: String, expected: String) throws {
        #expect(paris.string(try paris.end(text, now: now)) == expected)
    }

    @Test func future() throws {
        #expect(paris.string(try paris.future("90d", now: now)) == "2027-02-21T04:34:56+01:00")
        // The whole day, the short and the long one of a change of the clock included.
        #expect(paris.string(try paris.future("2027-01-01", now: now)) == "2027-01-02T00:00:00+01:00")
        #expect(paris.string(try paris.future("2027-03-28", now: now)) == "2027-03-29T00:00:00+02:00")
        #expect(paris.string(try paris.future("2027-10-31", now: now)) == "2027-11-01T00:00:00+01:00")
        #expect(paris.string(try paris.future("2027-12-31", now: now)) == "2028-01-01T00:00:00+01:00")
        #expect(throws: TimeText.Problem.self) { try paris.future("month", now: now) }
    }

    @Test func everyWallClockTimeIsFoundAgain() throws {
        // Through both changes of the clock, in steps that are no divisor of an hour.
        for start in [Int64(1_774_700_000), 1_792_840_000] {
            for second in stride(from: start, to: start + 200_000, by: 1009) {
                let moment = Timestamp(seconds: second)
                let shown = paris.string(moment)
                #expect(try paris.moment(shown) == moment)
                let again = try paris.moment(String(shown.prefix(19)))
                #expect(paris.string(again).prefix(19) == shown.prefix(19))
                #expect(again == moment || again == Timestamp(seconds: second - 3600))
            }
        }
    }
}
