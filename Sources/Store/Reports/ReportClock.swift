import Bytes
import Foundation
import Policy

/// The local time of quarters of an hour, as numbers that sort by time.
struct ReportClock {
    /// The finest division of time among the groupings.
    enum Division {
        case none
        case hour
        case day
        case month
    }

    private let zone: TimeZone
    let division: Division
    /// The numbers of the quarters of one period, since totals come period by period.
    private var period: Int64?
    private var numbers = [Int64](repeating: 0, count: Int(Quarter.ofPeriod))

    init(_ zone: TimeZone, by groupings: [UsageGrouping]) {
        self.zone = zone
        division =
            groupings.contains(.hour)
            ? .hour : groupings.contains(.day) ? .day : groupings.contains(.month) ? .month : .none
    }

    /// Returns the number of the hour (`LocalHour`), day or month's first day that contains `quarter`. Returns 0 without a
    /// grouping by time.
    mutating func number(of quarter: Quarter) -> Int64 {
        guard division != .none else { return 0 }
        if quarter.period != period { read(quarter.period) }
        return numbers[Int(quarter.ofPeriod)]
    }

    /// Returns the day of `number`, which is not a month's.
    func day(ofNumber number: Int64) -> Int64 {
        division == .hour ? LocalHour(number).hour.flooredQuotient(by: 24) : number
    }

    private mutating func read(_ period: Int64) {
        self.period = period
        let first = Quarter(period: period, quarter: 0)
        // No zone changes its offset twice within six hours.
        let before = offset(at: first)
        let isConstant = before == offset(at: Quarter(period: period + 1, quarter: 0))
        for index in numbers.indices {
            let quarter = Quarter(number: first.number + Int64(index))
            numbers[index] = number(of: quarter, offset: isConstant ? before : offset(at: quarter))
        }
    }

    private func number(of quarter: Quarter, offset: Int64) -> Int64 {
        let local = quarter.second + offset
        return switch division {
        case .none: 0
        case .hour: LocalHour(hour: local.flooredQuotient(by: 3600), offset: offset).number
        case .day: local.flooredQuotient(by: 86_400)
        case .month: CalendarText.firstDayOfMonth(ofDay: local.flooredQuotient(by: 86_400))
        }
    }

    private func offset(at quarter: Quarter) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(quarter.second))))
    }
}
