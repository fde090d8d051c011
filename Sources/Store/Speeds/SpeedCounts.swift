import Policy

/// Requests by measure and bucket of `SpeedScale`, of a group in a quarter of an hour.
struct SpeedCounts: Equatable {
    /// The number of places: the buckets of all measures.
    static let places = SpeedMeasure.allCases.count * SpeedScale.count

    /// The place of a bucket, and its requests. Differences may have fewer than none.
    struct Entry: Equatable {
        let place: Int
        var count: Int64
    }

    /// The entries by ascending places, none with a count of zero.
    private(set) var entries: [Entry] = []

    /// The measures of one request; often fewer than all, and none for a failure.
    init(_ record: borrowing UsageRecord) {
        for measure in SpeedMeasure.allCases {
            guard let value = measure.value(of: record) else { continue }
            entries.append(Entry(place: Self.place(of: measure) + SpeedScale.bucket(of: value), count: 1))
        }
    }

    /// The place of the first bucket of `measure`.
    static func place(of measure: SpeedMeasure) -> Int { measure.rawValue * SpeedScale.count }

    /// Calls `body` for each place in an encoded value at `position`, which moves past it.
    /// - Returns: false if the bytes are not of `encode`.
    static func forEach(
        in bytes: UnsafeRawBufferPointer, at position: inout Int, _ body: (_ place: Int, _ count: Int64) -> Void
    ) -> Bool {
        guard let entries = PackedNumber.read(bytes, at: &position), 0...Int128(places) ~= entries else { return false }
        var place: Int128 = -1
        for _ in 0..<entries {
            guard let step = PackedNumber.read(bytes, at: &position), 0..<Int128(places) ~= step else { return false }
            place += step + 1
            guard place < places, let count = PackedNumber.read(bytes, at: &position) else { return false }
            body(Int(place), Int64(truncatingIfNeeded: count))
        }
        return true
    }
}

extension SpeedCounts: QuarterValue {
    static let table = "usage_speeds"
    static let measure: Int64 = 1

    init() {}

    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ other: borrowing SpeedCounts) { merge(other.entries) { $0 } }

    mutating func subtract(_ other: borrowing SpeedCounts) { merge(other.entries) { 0 &- $0 } }

    /// Adds `others`, changed by `sign`.
    private mutating func merge(_ others: [Entry], _ sign: (Int64) -> Int64) {
        var merged: [Entry] = []
        merged.reserveCapacity(entries.count + others.count)
        var own = entries[...]
        for other in others {
            while let first = own.first, first.place < other.place {
                merged.append(first)
                own.removeFirst()
            }
            var sum = Entry(place: other.place, count: sign(other.count))
            if let first = own.first, first.place == other.place {
                // Only damaged counts reach the bounds; there sums wrap, as those of `UsageTotals`.
                sum.count &+= first.count
                own.removeFirst()
            }
            if sum.count != 0 { merged.append(sum) }
        }
        merged.append(contentsOf: own)
        entries = merged
    }

    /// Appends the number of entries, then for each the places that are left out before it, and its count.
    func encode(to bytes: inout [UInt8]) {
        PackedNumber.append(Int128(entries.count), to: &bytes)
        var next = 0
        for entry in entries {
            PackedNumber.append(Int128(entry.place - next), to: &bytes)
            PackedNumber.append(Int128(entry.count), to: &bytes)
            next = entry.place + 1
        }
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer, at position: inout Int) -> Bool {
        var read = SpeedCounts()
        let isRead = Self.forEach(in: bytes, at: &position) { place, count in
            if count != 0 { read.entries.append(Entry(place: place, count: count)) }
        }
        if isEmpty { self = read } else { add(read) }
        return isRead
    }
}

extension PeriodChange<SpeedCounts> {
    /// Adds the measures of `record`, where it has some.
    mutating func add(_ record: borrowing UsageRecord, group: Int64) {
        let counts = SpeedCounts(record)
        if !counts.isEmpty { add(counts, group: group, at: Quarter(of: record.startedAt)) }
    }
}
