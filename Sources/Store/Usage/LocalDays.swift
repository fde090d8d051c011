import Bytes
import Foundation

/// The days of a time zone, by their number since 1970 in local time.
struct LocalDays {
    private let zone: TimeZone
    private var starts: [Int64: Quarter] = [:]

    init(_ zone: TimeZone) { self.zone = zone }

    /// Returns the day that contains `quarter`.
    func day(of quarter: Quarter) -> Int64 {
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(quarter.second)))
        return (quarter.second + Int64(offset)).flooredQuotient(by: 86_400)
    }

    /// Returns the first quarter of `day`.
    mutating func start(of day: Int64) -> Quarter {
        if let known = starts[day] { return known }
        // A day may begin at one o'clock, if clocks change at midnight. No zone is further than 18 hours from UTC.
        var quarter = Quarter(number: day * 96 - 72)
        while self.day(of: quarter) < day { quarter = Quarter(number: quarter.number + 1) }
        starts[day] = quarter
        return quarter
    }
}
