import Policy

/// Recently requested resources. A full younger half replaces the older half: memory is bounded, and frequent ones stay.
struct RecentResources {
    private let limit: Int
    private var young: [String: OwnedResource] = [:]
    private var old: [String: OwnedResource] = [:]
    /// Changes so far.
    private(set) var changeCount = 0

    init(limit: Int) { self.limit = max(1, limit) }

    /// Returns the resource `id`, if it is in memory.
    mutating func recall(_ id: String) -> OwnedResource? {
        if let object = young[id] { return object }
        guard let object = old.removeValue(forKey: id) else { return nil }
        remember(object)
        return object
    }

    /// Forgets the resource `id`, which has changed.
    mutating func forget(_ id: String) {
        changeCount += 1
        young[id] = nil
        old[id] = nil
    }

    /// Keeps `object` among the younger half.
    mutating func remember(_ object: OwnedResource) {
        if young.count >= limit, young[object.id] == nil {
            old = young
            young = [:]
        }
        young[object.id] = object
    }
}
