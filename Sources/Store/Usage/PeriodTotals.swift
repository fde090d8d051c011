import Foundation
import GRDB
import Policy

/// What a period keeps for a quarter of an hour: sums that can be added and subtracted, and packed into bytes.
protocol QuarterValue {
    /// The table of its periods, by place, period and group.
    static var table: String { get }
    /// The number that tells its values apart in the table of closed spans.
    static var measure: Int64 { get }

    /// Nothing.
    init()

    /// Is true for nothing.
    var isEmpty: Bool { get }

    mutating func add(_ other: borrowing Self)
    mutating func subtract(_ other: borrowing Self)

    /// Appends the bytes that `add(_:at:)` reads.
    func encode(to bytes: inout [UInt8])

    /// Adds an encoded value at `position`, which moves past it.
    /// - Returns: false if the bytes are not of `encode`; the value is useless then.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> Bool
}

extension QuarterValue {
    /// Passes over an encoded value at `position`.
    /// - Returns: false if the bytes are not of `encode`.
    static func skip(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> Bool {
        var nowhere = Self()
        return nowhere.add(bytes, at: &position)
    }
}

/// The totals of six hours: one row of `usage_totals`.
typealias PeriodTotals = PeriodValues<UsageTotals>

/// The values of six hours in UTC by quarter of an hour: one row of their table.
///
/// Quarters are fine enough for the hours and days of every time zone, whose offsets are whole quarters. They are packed into
/// one value because a report reads them all: unpacking costs a fraction of as many SQLite rows. Longer periods would slow
/// the writer, which writes the whole value for each change.
struct PeriodValues<Value: QuarterValue> {
    /// The newest first: a change of the newest quarter leaves the bytes of the others as they are.
    private(set) var quarters: [(quarter: UInt8, totals: Value)] = []

    /// No totals.
    init() {}

    /// Reads bytes of `encoded`. Returns nil for other bytes.
    init?(_ bytes: UnsafeRawBufferPointer) {
        quarters.reserveCapacity(Int(Quarter.ofPeriod))
        let isRead = Self.forEach(in: bytes) { quarter, position in
            quarters.append((quarter, Value()))
            return quarters[quarters.count - 1].totals.add(bytes, at: &position)
        }
        guard isRead else { return nil }
    }

    /// Calls `body` for each quarter in bytes of `encoded`. It moves the position past the encoded value, and returns false for a
    /// damaged one.
    /// - Returns: false for other bytes.
    static func forEach(
        in bytes: UnsafeRawBufferPointer, _ body: (_ quarter: UInt8, _ position: inout Int) throws -> Bool
    ) rethrows -> Bool {
        var position = 0
        while position < bytes.count {
            let quarter = bytes[position]
            position += 1
            guard try quarter < Quarter.ofPeriod && body(quarter, &position) else { return false }
        }
        return true
    }

    /// For each quarter its number, a byte, and its totals.
    var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(quarters.count * 24)
        for (quarter, totals) in quarters {
            bytes.append(quarter)
            totals.encode(to: &bytes)
        }
        return bytes
    }

    /// Adds these totals to encoded `bytes`. Returns nil if `bytes` are not of `encoded`.
    func added(to bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard quarters.count == 1, let newest = quarters.first, newest.quarter >= bytes.first ?? 0 else {
            guard var sum = Self(bytes) else { return nil }
            sum.add(self)
            return sum.encoded
        }
        // The usual case: only the newest quarter grows.
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

    /// Subtracts these totals from encoded `bytes`. Returns nil if `bytes` are not of `encoded`.
    func subtracted(from bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard var rest = Self(bytes) else { return nil }
        for (quarter, totals) in quarters { rest.change(quarter) { $0.subtract(totals) } }
        return rest.encoded
    }

    mutating func add(_ totals: Value, quarter: UInt8) {
        change(quarter) { $0.add(totals) }
    }

    mutating func add(_ other: Self) {
        for (quarter, totals) in other.quarters { add(totals, quarter: quarter) }
    }

    private mutating func change(_ quarter: UInt8, _ body: (inout Value) -> Void) {
        var index = quarters.startIndex
        while index < quarters.endIndex, quarters[index].quarter > quarter { index += 1 }
        if index == quarters.endIndex || quarters[index].quarter != quarter {
            quarters.insert((quarter, Value()), at: index)
        }
        body(&quarters[index].totals)
        if quarters[index].totals.isEmpty { quarters.remove(at: index) }
    }
}

extension PeriodTotals {
    /// The same totals, with every request counting against limits.
    var countingAllRequests: PeriodTotals {
        var totals = self
        totals.quarters = quarters.map { ($0.quarter, $0.totals.countingAllRequests) }
        return totals
    }
}

extension PeriodValues {
    /// The error for totals that cannot be read.
    static var damage: DatabaseError {
        DatabaseError(
            resultCode: .SQLITE_CORRUPT,
            message: "totals cannot be read; `propylon usage rebuild` makes them again from the rows")
    }

    /// Reads the column `index` of `row`. Returns nil for damaged totals.
    init?(_ row: Row, at index: Int) {
        guard let data = row[index] as Data?, let totals = data.withUnsafeBytes({ Self($0) }) else {
            return nil
        }
        self = totals
    }
}
