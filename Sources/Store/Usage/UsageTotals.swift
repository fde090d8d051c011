import Policy

/// The usage of requests, added up in 128 bits: sums stay exact, so that rows can be subtracted again.
struct UsageTotals: Equatable, QuarterValue {
    static let table = "usage_totals"
    static let measure: Int64 = 0

    /// The summed quantities, by their place in the stored mask. Places never change: an archive cannot be made again.
    private enum Quantity {
        static let requests = 0
        static let estimated = 1
        static let failed = 2
        static let cost = 11
        /// Requests that count against limits; older totals lack it.
        static let counted = 12
        static let count = 5 + Unit.count

        // Constants of functions are initialized at their first use, which each use asks for.
        static var inputTokens: Int { place(ofUnit: Unit.inputTokens.rawValue) }
        static var outputTokens: Int { place(ofUnit: Unit.outputTokens.rawValue) }

        /// Returns the place of the unit with this raw value: before the cost for the first eight, then after the others.
        static func place(ofUnit number: Int) -> Int { number < 8 ? 3 + number : 5 + number }
    }

    /// One sum for each bit of the mask, so that a new unit needs no change here.
    private var sums = InlineArray<16, Int128>(repeating: 0)

    /// Nothing.
    init() {}

    /// The usage of one request.
    init(_ record: borrowing UsageRecord) {
        sums[Quantity.requests] = 1
        sums[Quantity.estimated] = record.exactness == .exact ? 0 : 1
        sums[Quantity.failed] = record.status >= 400 || record.ending != .complete ? 1 : 0
        for unit in record.units.amounts.indices {
            sums[Quantity.place(ofUnit: unit)] = Int128(record.units.amounts[unit])
        }
        sums[Quantity.cost] = Int128(record.cost.amount)
        sums[Quantity.counted] = record.countsAsRequest ? 1 : 0
    }

    /// The change of totals where the cost of `record` becomes `cost`.
    init(costOf record: borrowing UsageRecord, changedTo cost: NanoEuros) {
        sums[Quantity.cost] = Int128(cost.amount) - Int128(record.cost.amount)
    }

    /// A credit: a change of cost without a request.
    init(credit: CostCorrection) { sums[Quantity.cost] = Int128(credit.change) }

    /// Is true if every sum is zero.
    var isEmpty: Bool { (0..<Quantity.count).allSatisfy { sums[$0] == 0 } }

    /// Is true if some unit was used, or something cost.
    var isOfUse: Bool {
        sums[Quantity.cost] != 0 || Unit.allCases.contains { sums[Quantity.place(ofUnit: $0.rawValue)] != 0 }
    }

    // Only damaged totals reach the bounds of 128 bits; there sums wrap.

    mutating func add(_ other: borrowing UsageTotals) {
        for place in 0..<Quantity.count { sums[place] &+= other.sums[place] }
    }

    mutating func subtract(_ other: borrowing UsageTotals) {
        for place in 0..<Quantity.count { sums[place] &-= other.sums[place] }
    }

    // In reports, sums stop at 64 bits.

    var requests: Int64 { Int64(clamping: sums[Quantity.requests]) }
    var estimated: Int64 { Int64(clamping: sums[Quantity.estimated]) }
    var failed: Int64 { Int64(clamping: sums[Quantity.failed]) }
    var cost: Int64 { Int64(clamping: sums[Quantity.cost]) }
    subscript(unit: Unit) -> Int64 { Int64(clamping: sums[Quantity.place(ofUnit: unit.rawValue)]) }

    /// Input and output tokens together.
    var tokens: Int128 { ofLimits.tokens }

    /// The sums that limits count.
    var ofLimits: LimitTotals {
        LimitTotals(
            requests: sums[Quantity.counted], tokens: sums[Quantity.inputTokens] &+ sums[Quantity.outputTokens],
            outputTokens: sums[Quantity.outputTokens], cost: sums[Quantity.cost])
    }

    /// The sums as a row of a report.
    var row: UsageRow {
        var row = UsageRow(groups: [])
        row.requests = requests
        row.countedRequests = Int64(clamping: sums[Quantity.counted])
        row.estimatedRequests = estimated
        row.errors = failed
        for unit in Unit.allCases { row.units[unit] = self[unit] }
        row.cost = NanoEuros(cost)
        return row
    }

    /// The same usage, with every request counting against limits.
    var countingAllRequests: UsageTotals {
        var totals = self
        totals.sums[Quantity.counted] = sums[Quantity.requests]
        return totals
    }

    static func == (left: UsageTotals, right: UsageTotals) -> Bool {
        (0..<Quantity.count).allSatisfy { left.sums[$0] == right.sums[$0] }
    }
}

extension UsageTotals {
    /// Appends the sums: two bytes of mask that name the non-zero sums, then these sums in the order of their places.
    ///
    /// `PackedNumber` packs a sum.
    func encode(to bytes: inout [UInt8]) {
        var mask: UInt16 = 0
        for place in 0..<Quantity.count where sums[place] != 0 { mask |= 1 << UInt16(place) }
        bytes.append(UInt8(truncatingIfNeeded: mask))
        bytes.append(UInt8(truncatingIfNeeded: mask >> 8))
        while mask != 0 {
            PackedNumber.append(sums[mask.trailingZeroBitCount], to: &bytes)
            mask &= mask - 1
        }
    }

    /// Adds encoded sums at `position`, which moves past them.
    /// - Returns: false if the bytes are not of `encode`; the sums are useless then.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> Bool {
        var tokens: Int128 = 0
        return add(bytes, at: &position, tokens: &tokens)
    }

    /// The same, and adds their input and output tokens to `tokens`: reports add these up by models besides.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at position: inout Int, tokens: inout Int128) -> Bool {
        guard position + 2 <= bytes.count else { return false }
        let mask = UInt16(bytes[position]) | UInt16(bytes[position + 1]) << 8
        guard UInt32(mask) < 1 << UInt32(Quantity.count) else { return false }
        position += 2
        var left = mask
        while left != 0 {
            guard let number = PackedNumber.read(bytes, at: &position) else { return false }
            let place = left.trailingZeroBitCount
            sums[place] &+= number
            if place == Quantity.inputTokens || place == Quantity.outputTokens { tokens &+= number }
            left &= left - 1
        }
        return true
    }
}
