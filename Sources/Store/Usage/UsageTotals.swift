import Policy

/// What requests have used, added up. The sums are exact whatever is added: 128 bits never overflow here, so that what was
/// added can be taken away again.
struct UsageTotals: Equatable {
    /// What is added up, in the order in which it is stored. Never changed: an archive cannot be made again.
    private enum Quantity {
        static let requests = 0
        static let estimated = 1
        static let failed = 2
        static let inputTokens = 3
        static let outputTokens = 4
        static let reasoningTokens = 5
        static let cachedTokens = 6
        static let audioMinutes = 7
        static let characters = 8
        static let images = 9
        static let searchUnits = 10
        static let cost = 11
        static let count = 12
    }

    private var sums = InlineArray<12, Int128>(repeating: 0)

    /// Nothing.
    init() {}

    /// One request.
    init(_ record: borrowing UsageRecord) {
        sums[Quantity.requests] = 1
        sums[Quantity.estimated] = record.exactness == .exact ? 0 : 1
        sums[Quantity.failed] = record.status >= 400 || record.ending != .complete ? 1 : 0
        sums[Quantity.inputTokens] = Int128(record.units.inputTokens)
        sums[Quantity.outputTokens] = Int128(record.units.outputTokens)
        sums[Quantity.reasoningTokens] = Int128(record.units.reasoningTokens)
        sums[Quantity.cachedTokens] = Int128(record.units.cachedTokens)
        sums[Quantity.audioMinutes] = Int128(record.units.audioMinutes)
        sums[Quantity.characters] = Int128(record.units.characters)
        sums[Quantity.images] = Int128(record.units.images)
        sums[Quantity.searchUnits] = Int128(record.units.searchUnits)
        sums[Quantity.cost] = Int128(record.cost.amount)
    }

    /// Whether nothing is left.
    var isEmpty: Bool { sums.indices.allSatisfy { sums[$0] == 0 } }

    mutating func add(_ other: borrowing UsageTotals) {
        for index in sums.indices { sums[index] += other.sums[index] }
    }

    mutating func subtract(_ other: borrowing UsageTotals) {
        for index in sums.indices { sums[index] -= other.sums[index] }
    }

    /// Input and output tokens together.
    var tokens: Int64 { Int64(clamping: sums[Quantity.inputTokens] + sums[Quantity.outputTokens]) }

    /// The sums as a row of a report has them: none leaves 64 bits, it stops at the largest number.
    var row: UsageRow {
        var row = UsageRow(groups: [])
        row.requests = Int64(clamping: sums[Quantity.requests])
        row.estimatedRequests = Int64(clamping: sums[Quantity.estimated])
        row.errors = Int64(clamping: sums[Quantity.failed])
        row.units.inputTokens = Int64(clamping: sums[Quantity.inputTokens])
        row.units.outputTokens = Int64(clamping: sums[Quantity.outputTokens])
        row.units.reasoningTokens = Int64(clamping: sums[Quantity.reasoningTokens])
        row.units.cachedTokens = Int64(clamping: sums[Quantity.cachedTokens])
        row.units.audioMinutes = Int64(clamping: sums[Quantity.audioMinutes])
        row.units.characters = Int64(clamping: sums[Quantity.characters])
        row.units.images = Int64(clamping: sums[Quantity.images])
        row.units.searchUnits = Int64(clamping: sums[Quantity.searchUnits])
        row.cost = NanoEuros(Int64(clamping: sums[Quantity.cost]))
        return row
    }

    static func == (left: UsageTotals, right: UsageTotals) -> Bool {
        left.sums.indices.allSatisfy { left.sums[$0] == right.sums[$0] }
    }
}

extension UsageTotals {
    /// Appends the sums: two bytes that say which of them are not zero, then these, zigzag, seven bits a byte, the lowest first.
    func encode(to bytes: inout [UInt8]) {
        var mask: UInt16 = 0
        for index in sums.indices where sums[index] != 0 { mask |= 1 << UInt16(index) }
        bytes.append(UInt8(truncatingIfNeeded: mask))
        bytes.append(UInt8(truncatingIfNeeded: mask >> 8))
        while mask != 0 {
            Self.append(sums[mask.trailingZeroBitCount], to: &bytes)
            mask &= mask - 1
        }
    }

    private static func append(_ sum: Int128, to bytes: inout [UInt8]) {
        // Nearly every number fits 63 bits, which are much cheaper.
        if let narrow = Int64(exactly: sum), (narrow << 1) >> 1 == narrow {
            append(UInt64(bitPattern: (narrow << 1) ^ (narrow >> 63)), to: &bytes)
        } else {
            append(UInt128(bitPattern: (sum << 1) ^ (sum >> 127)), to: &bytes)
        }
    }

    private static func append(_ number: some FixedWidthInteger & UnsignedInteger, to bytes: inout [UInt8]) {
        var number = number
        while number >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: number) | 0x80)
            number >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: number))
    }

    /// Adds the sums that `encode` has written at `position`, which moves behind them.
    /// - Returns: whether the bytes are what `encode` writes; where they are not, what was added is of no use.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> Bool {
        guard position + 2 <= bytes.count else { return false }
        let mask = UInt16(bytes[position]) | UInt16(bytes[position + 1]) << 8
        guard mask < 1 << UInt16(Quantity.count) else { return false }
        position += 2
        var left = mask
        while left != 0 {
            guard let number = Self.number(bytes, at: &position) else { return false }
            sums[left.trailingZeroBitCount] += number
            left &= left - 1
        }
        return true
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> Int128? {
        // As above: nine bytes are 63 bits.
        var low: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            position += 1
            low |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int128(Int64(bitPattern: low >> 1) ^ -Int64(bitPattern: low & 1)) }
        }
        var number = UInt128(low)
        for shift in stride(from: UInt128(63), to: 128, by: 7) {
            guard position < bytes.count else { return nil }
            let byte = bytes[position]
            position += 1
            number |= UInt128(byte & 0x7F) << shift
            if byte < 0x80 { return Int128(bitPattern: number >> 1) ^ -Int128(bitPattern: number & 1) }
        }
        return nil
    }
}
