/// The parts of scopes that reservations hold amounts of. A reservation has the place of its own; most have none.
struct HeldParts: Sendable {
    /// The parts of one reservation.
    struct Parts: Sendable {
        /// The parts, as indices of `ScopeTable.usages`.
        var indices = PartIndices()
        /// The positions of the reservation's charges in the buckets of each.
        fileprivate var ends = PerPart<PerRateKind<UInt64>>(repeating: PerRateKind(repeating: 0))

        /// The positions of the charges in the part at `place` of `indices`.
        subscript(endsAt place: Int) -> PerRateKind<UInt64> {
            get { ends.span[place] }
            set { ends[place] = newValue }
        }
    }

    /// The place of a reservation without parts.
    static let none = -1

    private var parts: [Parts] = []
    private var free: [Int] = []

    /// The parts of the reservation at `place`.
    subscript(place: Int) -> Parts {
        get { place < 0 ? Parts() : parts[place] }
        _modify { yield &parts[place] }
    }

    /// Holds `indices` for a reservation, and returns their place.
    mutating func insert(_ indices: PartIndices) -> Int {
        guard !indices.isEmpty else { return Self.none }
        guard let place = free.popLast() else {
            parts.append(Parts(indices: indices))
            return parts.count - 1
        }
        parts[place] = Parts(indices: indices)
        return place
    }

    /// Forgets the parts at `place`.
    mutating func remove(_ place: Int) {
        if place >= 0 { free.append(place) }
    }
}
