import Bytes

/// The action of a request for a file, a batch, a stored response or a conversation, with the id of the resource whose owner decides.
package enum ResourceAction: Equatable, Sendable {
    /// `POST /v1/files`, `POST /v1/batches` and `POST /v1/conversations`.
    case create
    /// `GET /v1/files` and `GET /v1/batches`.
    case list
    /// `GET /v1/files/{id}/content`.
    case content(id: String)
    /// `DELETE /v1/files/{id}`, and the same for responses and conversations.
    case delete(id: String)
    /// Any other request for one resource: reads it, cancels it, or does something that the gateway does not know.
    case use(id: String)

    /// The action of `method` at `path`, which was routed to `endpoint`; nil if no such resource is concerned.
    package init?(endpoint: Endpoint, method: Span<UInt8>, path: Span<UInt8>) {
        guard let (_, length) = ResourceKind.collection(in: path) else { return nil }
        guard path.count > length else {
            self = method.equals("POST") ? .create : .list
            return
        }
        // The router refuses escapes and empty segments here.
        let rest = PercentCoding.strictlyDecoded(path.extracting(length + 1..<path.count)) ?? ""
        let segments = rest.split(separator: "/")
        let id = segments.first.map(String.init) ?? ""
        switch (endpoint.resourceKind, segments.count) {
        case (.file, 1), (.response, 1), (.conversation, 1):
            self = method.equals("DELETE") ? .delete(id: id) : .use(id: id)
        case (.file, 2): self = .content(id: id)
        default: self = .use(id: id)
        }
    }
}
