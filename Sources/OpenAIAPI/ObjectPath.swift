/// What a path of `/v1/files` or `/v1/batches` is about.
package enum ObjectPath: Equatable, Sendable {
    /// All of them: a list, or a new one.
    case collection
    /// The one with this id.
    case object(String)
    /// What belongs to the one with this id: `content`, `cancel`.
    case part(of: String, String)

    /// Reads `path`, which was routed: `/v1/files`, `/v1/files/{id}`, `/v1/files/{id}/content`; nil for any other form.
    package init?(_ path: Span<UInt8>) {
        guard let text = path.percentDecoded() else { return nil }
        let segments = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3).map(String.init)
        switch segments.count {
        case 0: self = .collection
        case 1 where !segments[0].isEmpty: self = .object(segments[0])
        case 2 where !segments[0].isEmpty: self = .part(of: segments[0], segments[1])
        default: return nil
        }
    }

    /// The object's id, where it is about one.
    package var id: String? {
        switch self {
        case .collection: nil
        case .object(let id), .part(let id, _): id
        }
    }
}
