import Bytes
import Clocks

/// A quarter of an hour, by its number since 1970 in UTC.
struct Quarter: Hashable, Comparable {
    static let seconds: Int64 = 900
    /// Quarters of one period: six hours.
    static let ofPeriod: Int64 = 24
    /// All periods that a `Timestamp` can lie in. Totals of another period are damaged.
    static let periods =
        Quarter(of: Timestamp(microseconds: .min)).period...Quarter(of: Timestamp(microseconds: .max)).period

    let number: Int64

    init(number: Int64) { self.number = number }

    /// The quarter that contains `moment`.
    init(of moment: Timestamp) { number = moment.seconds.flooredQuotient(by: Self.seconds) }

    /// The quarter number `quarter`, 0 to 23, of `period`, which is one of `periods`.
    init(period: Int64, quarter: UInt8) { number = period * Self.ofPeriod + Int64(quarter) }

    /// The period of six hours that contains the quarter, since 1970.
    var period: Int64 { number.flooredQuotient(by: Self.ofPeriod) }
    /// The place of the quarter within its period, 0 to 23.
    var ofPeriod: UInt8 { UInt8(number - period * Self.ofPeriod) }
    /// The day in UTC that contains the quarter, since 1970.
    var day: Int64 { number.flooredQuotient(by: 96) }
    /// The first second of the quarter, since 1970.
    var second: Int64 { number * Self.seconds }

    static func < (left: Quarter, right: Quarter) -> Bool { left.number < right.number }
}

extension Range<Quarter> {
    /// All time.
    static var always: Self { Quarter(number: .min)..<Quarter(number: .max) }
}
