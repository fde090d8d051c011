/// A value for each part that one request has at the most: one for its model and one for its user, of its key, its team and the account.
typealias PerPart<Value> = InlineArray<6, Value>

/// The parts of the scopes of one request, as indices of `ScopeTable.usages`; mostly none.
///
/// In place, since an array would be allocated for each request.
struct PartIndices: Sendable {
    private var indices = PerPart<Int>(repeating: 0)
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The part at `place`, in the order in which they were added.
    subscript(place: Int) -> Int { indices.span[place] }

    /// Adds a part. There is room for those of one request.
    mutating func append(_ index: Int) {
        indices[count] = index
        count += 1
    }

    /// Adds the parts in `others`.
    mutating func append(_ others: PartIndices) {
        for place in 0..<others.count { append(others[place]) }
    }

    /// Returns true where `index` is among them.
    func contains(_ index: Int) -> Bool { (0..<count).contains { self[$0] == index } }
}
