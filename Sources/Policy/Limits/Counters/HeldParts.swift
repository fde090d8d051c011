/// The parts of scopes that reservations hold amounts of. A reservation has the place of its own; most have none.
struct HeldParts: Sendable {
    /// A part, as an index of `ScopeTable.usages`, and the positions of the reservation's charges in its buckets.
    struct Part: Sendable {
        let index: Int
        var ends = PerRateKind<UInt64>(repeating: 0)
    }

    /// The place of a reservation without parts.
    static let none: Int32 = -1

    private var parts: [[Part]] = []
    private var free: [Int32] = []

    /// The parts of the reservation at `place`.
    subscript(place: Int32) -> [Part] {
        get { place < 0 ? [] : parts[Int(place)] }
        _modify { yield &parts[Int(place)] }
    }

    /// Holds `indices` for a reservation, and returns their place.
    mutating func insert(_ indices: [Int]) -> Int32 {
        guard !indices.isEmpty else { return Self.none }
        let place = free.popLast() ?? append()
        parts[Int(place)].append(contentsOf: indices.lazy.map { Part(index: $0) })
        return place
    }

    /// Forgets the parts at `place`.
    mutating func remove(_ place: Int32) {
        guard place >= 0 else { return }
        parts[Int(place)].removeAll(keepingCapacity: true)
        free.append(place)
    }

    private mutating func append() -> Int32 {
        parts.append([])
        return Int32(clamping: parts.count - 1)
    }
}
