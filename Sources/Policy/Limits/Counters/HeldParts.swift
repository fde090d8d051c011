/// The parts of scopes that reservations hold amounts of. A reservation has the place of its own; most have none.
struct HeldParts: Sendable {
    /// A part, as an index of `ScopeTable.usages`, and the positions of the reservation's charges in its buckets.
    struct Part: Sendable {
        let index: Int
        var ends = PerRateKind<UInt64>(repeating: 0)
    }

    /// The place of a reservation without parts.
    static let none = -1

    private var parts: [[Part]] = []
    private var free: [Int] = []

    /// The parts of the reservation at `place`.
    subscript(place: Int) -> [Part] {
        get { place < 0 ? [] : parts[place] }
        _modify { yield &parts[place] }
    }

    /// Holds `indices` for a reservation, and returns their place.
    mutating func insert(_ indices: [Int]) -> Int {
        guard !indices.isEmpty else { return Self.none }
        let place = free.popLast() ?? append()
        parts[place].append(contentsOf: indices.lazy.map { Part(index: $0) })
        return place
    }

    /// Forgets the parts at `place`.
    mutating func remove(_ place: Int) {
        guard place >= 0 else { return }
        parts[place].removeAll(keepingCapacity: true)
        free.append(place)
    }

    private mutating func append() -> Int {
        parts.append([])
        return parts.count - 1
    }
}
