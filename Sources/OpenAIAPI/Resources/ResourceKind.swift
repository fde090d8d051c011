import Bytes

/// The kinds of resources that the upstream stores for its one account and the gateway keeps apart by owner.
package enum ResourceKind: Sendable, CaseIterable {
    case file
    case batch
    /// A response of the Responses API.
    case response
    /// A conversation of the Responses API.
    case conversation

    /// The path of each kind's list: that of a resource, up to the id.
    private static let collections: [(kind: ResourceKind, path: [UInt8])] = EndpointTraits.table.compactMap { row in
        row.resource.map { ($0, Array(row.paths[0].pattern.description.split(separator: "/{id}")[0].utf8)) }
    }

    /// The kind of the resource, or of the list, at `path`; nil for all other paths.
    package init?(path: Span<UInt8>) {
        guard let (kind, _) = Self.collection(in: path) else { return nil }
        self = kind
    }

    /// The kind of the resources at `path`, and the length of their list's path.
    static func collection(in path: Span<UInt8>) -> (ResourceKind, length: Int)? {
        for (kind, collection) in collections {
            let length = collection.count
            guard path.count >= length, path.extracting(0..<length).hasSameBytes(as: collection.span) else { continue }
            if path.count == length || path[length] == ASCII.slash { return (kind, length) }
        }
        return nil
    }
}
