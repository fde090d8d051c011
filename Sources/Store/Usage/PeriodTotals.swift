import Bytes
import Clocks
import Policy

/// The totals of six hours in UTC, by their quarters of an hour: as they stand in one row of `usage_totals`.
///
/// Quarters are fine enough for the hours and days of every time zone, since all of them are whole quarters from UTC. They
/// are packed into one value because a report reads them all: unpacking costs a fraction of what SQLite would need for
/// as many rows. Longer periods would make the writer slower, which writes the whole value again for each change.
struct PeriodTotals {
    /// The newest first, so that what is added to it leaves the bytes of the others as they are.
    private(set) var quarters: [(quarter: UInt8, totals: UsageTotals)] = []

    /// Nothing yet.
    init() {}

    /// What `encoded` has written; nil where the bytes are something else.
    init?(_ bytes: UnsafeRawBufferPointer) {
        quarters.reserveCapacity(Int(Quarter.ofPeriod))
        var position = 0
        while position < bytes.count {
            let quarter = bytes[position]
            position += 1
            quarters.append((quarter, UsageTotals()))
            guard quarter < Quarter.ofPeriod, quarters[quarters.count - 1].totals.add(bytes, at: &position) else {
                return nil
            }
        }
    }

    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(quarters.count * 24)
        for (quarter, totals) in quarters {
            bytes.append(quarter)
            totals.encode(to: &bytes)
        }
        return bytes
    }

    /// What `bytes`, which `encoded` has written, are once these totals are added; nil where `bytes` are something else.
    func added(to bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard quarters.count == 1, let newest = quarters.first, newest.quarter >= bytes.first ?? 0 else {
            guard var sum = PeriodTotals(bytes) else { return nil }
            sum.add(self)
            return sum.encoded
        }
        // Time goes on: nearly always it is the newest quarter that grows.
        var totals = newest.totals
        var position = 0
        if newest.quarter == bytes.first {
            position = 1
            guard totals.add(bytes, at: &position) else { return nil }
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 32)
        if !totals.isEmpty {
            result.append(newest.quarter)
            totals.encode(to: &result)
        }
        result.append(contentsOf: bytes[position...])
        return result
    }

    /// What `bytes`, which `encoded` has written, are once these totals are taken away; nil where `bytes` are something else.
    func subtracted(from bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard var rest = PeriodTotals(bytes) else { return nil }
        for (quarter, totals) in quarters { rest.change(quarter) { $0.subtract(totals) } }
        return rest.encoded
    }

    mutating func add(_ totals: UsageTotals, quarter: UInt8) {
        change(quarter) { $0.add(totals) }
    }

    mutating func add(_ other: PeriodTotals) {
        for (quarter, totals) in other.quarters { add(totals, quarter: quarter) }
    }

    private mutating func change(_ quarter: UInt8, _ body: (inout UsageTotals) -> Void) {
        var index = quarters.startIndex
        while index < quarters.endIndex, quarters[index].quarter > quarter { index += 1 }
        if index == quarters.endIndex || quarters[index].quarter != quarter {
            quarters.insert((quarter, UsageTotals()), at: index)
        }
        body(&quarters[index].totals)
        if quarters[index].totals.isEmpty { quarters.remove(at: index) }
    }
}

/// A quarter of an hour, by its number since 1970 in UTC.
struct Quarter: Hashable, Comparable {
    static let seconds: Int64 = 900
    static let ofPeriod: Int64 = 24

    let number: Int64

    init(number: Int64) { self.number = number }

    /// The quarter that `moment` lies in.
    init(of moment: Timestamp) { number = moment.seconds.flooredQuotient(by: Self.seconds) }

    init(period: Int64, quarter: UInt8) { number = period * Self.ofPeriod + Int64(quarter) }

    /// The six hours that it lies in, since 1970.
    var period: Int64 { number.flooredQuotient(by: Self.ofPeriod) }
    /// Which quarter of these, 0 to 23.
    var ofPeriod: UInt8 { UInt8(number - period * Self.ofPeriod) }
    /// Its first second, since 1970.
    var second: Int64 { number * Self.seconds }

    static func < (left: Quarter, right: Quarter) -> Bool { left.number < right.number }
}
