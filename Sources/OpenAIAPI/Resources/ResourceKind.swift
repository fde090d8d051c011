import Bytes

/// The kinds of resources that the upstream stores for its one account and the gateway keeps apart by owner.
package enum ResourceKind: Sendable, CaseIterable {
    case file
    case batch

    private static let collections: [(kind: ResourceKind, path: StaticString)] = EndpointTraits.table.flatMap { row in
        row.resource.map { kind in row.paths.filter(\.isFixed).map { (kind, $0.pattern) } } ?? []
    }

    /// The kind of the resource, or of the list, at `path`; nil for all other paths.
    package init?(path: Span<UInt8>) {
        guard let (kind, _) = Self.collection(in: path) else { return nil }
        self = kind
    }

    /// The kind of the resources at `path`, and the length of their list's path.
    static func collection(in path: Span<UInt8>) -> (ResourceKind, length: Int)? {
        for (kind, collection) in collections where path.hasPrefix(collection) {
            let length = collection.utf8CodeUnitCount
            if path.count == length || path[length] == ASCII.slash { return (kind, length) }
        }
        return nil
    }
}
