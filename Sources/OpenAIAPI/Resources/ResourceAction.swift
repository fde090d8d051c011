import Bytes

/// What a request below `/v1/files` or `/v1/batches` does, and with which object: whose it is decides whether it may.
package enum ResourceAction: Equatable, Sendable {
    /// `POST /v1/files` and `POST /v1/batches`.
    case create
    /// `GET /v1/files` and `GET /v1/batches`.
    case list
    /// `GET /v1/files/{id}/content`.
    case content(id: String)
    /// `DELETE /v1/files/{id}`.
    case delete(id: String)
    /// Everything else with one object: it is looked at, cancelled, or something is done to it that the gateway does not know.
    case use(id: String)

    /// What `method` does at `path`, which was routed to `endpoint`; nil for what is no file or batch.
    package init?(endpoint: Endpoint, method: Span<UInt8>, path: Span<UInt8>) {
        let start: Int
        switch endpoint {
        case .files, .batches, .other:
            if path.hasPrefix("/v1/files") {
                start = 9
            } else if path.hasPrefix("/v1/batches") {
                start = 11
            } else {
                return nil
            }
        default: return nil
        }
        guard path.count > start else {
            self = method.equals("POST") ? .create : .list
            return
        }
        guard path[start] == UInt8(ascii: "/") else { return nil }
        // The router has let no escape and no empty segment pass.
        let rest = PercentCoding.strictlyDecoded(path.extracting(start + 1..<path.count)) ?? ""
        let segments = rest.split(separator: "/")
        let id = segments.first.map(String.init) ?? ""
        switch (endpoint, segments.count) {
        case (.files, 1) where method.equals("DELETE"): self = .delete(id: id)
        case (.files, 2): self = .content(id: id)
        default: self = .use(id: id)
        }
    }

    /// Whether the request at `path` is about batches; else it is about files.
    package static func isOfBatches(path: Span<UInt8>) -> Bool { path.hasPrefix("/v1/batches") }

    /// The object that the request names.
    package var objectID: String? {
        switch self {
        case .create, .list: nil
        case .content(let id), .delete(let id), .use(let id): id
        }
    }
}

/// The paths of requests that the gateway makes by itself.
package enum ResourcePath {
    /// `/v1/files/{id}`
    package static func file(_ id: String) -> [UInt8] { path("/v1/files/", id, "") }

    /// `/v1/files/{id}/content`
    package static func content(ofFile id: String) -> [UInt8] { path("/v1/files/", id, "/content") }

    /// `/v1/batches/{id}`
    package static func batch(_ id: String) -> [UInt8] { path("/v1/batches/", id, "") }

    /// `/v1/batches/{id}/cancel`
    package static func cancel(batch id: String) -> [UInt8] { path("/v1/batches/", id, "/cancel") }

    private static func path(_ start: String, _ id: String, _ end: String) -> [UInt8] {
        var path = Array(start.utf8)
        PercentCoding.append(id, plain: .identifier, to: &path)
        path.append(contentsOf: end.utf8)
        return path
    }
}
