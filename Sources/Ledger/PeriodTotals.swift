import Policy

/// The totals of six hours in UTC, by their quarters of an hour: as they stand in one row of `usage_totals`.
///
/// Quarters are fine enough for the hours and days of every time zone, since all of them are whole quarters from UTC. They
/// are packed into one value because a report reads them all: unpacking costs a fraction of what SQLite would need for
/// as many rows. Longer periods would make the writer slower, which writes the whole value again for each change.
struct PeriodTotals {
    /// In the order of time.
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

    var isEmpty: Bool { quarters.isEmpty }

    mutating func add(_ totals: UsageTotals, quarter: UInt8) {
        change(quarter) { $0.add(totals) }
    }

    mutating func add(_ other: PeriodTotals) {
        for (quarter, totals) in other.quarters { add(totals, quarter: quarter) }
    }

    mutating func subtract(_ other: PeriodTotals) {
        for (quarter, totals) in other.quarters { change(quarter) { $0.subtract(totals) } }
    }

    private mutating func change(_ quarter: UInt8, _ body: (inout UsageTotals) -> Void) {
        // Mostly the last one: time goes on.
        var index = quarters.endIndex
        while index > 0, quarters[index - 1].quarter >= quarter { index -= 1 }
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

extension Int64 {
    /// The quotient, rounded down.
    func flooredQuotient(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
