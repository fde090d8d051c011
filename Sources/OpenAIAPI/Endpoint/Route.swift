/// The result of routing a request.
package enum Route: Equatable, Sendable {
    /// Belongs to `endpoint`, and goes upstream to `upstreamPath`.
    case endpoint(Endpoint, upstreamPath: UpstreamPath)
    /// Has a known path that does not take this method. `allow` is the value of the header of that name.
    case methodNotAllowed(allow: String)
    /// Has a path that is not served, or that two servers could read differently.
    case unknown
}

/// Routes a request by its method and its path. `path` is as the client wrote it, without the query.
///
/// Serves `/v2/rerank` and every path below `/v1/`. Refuses a path that the upstream could read as another one: a
/// second spelling of an endpoint (`/v1/chat//completions`, `/v1/%63ompletions`), or a way out of `/v1/`
/// (`/v1/..%2Fadmin`). Allocates nothing for a fixed path.
package func route(method: Span<UInt8>, path: Span<UInt8>) -> Route {
    if let fixed = RoutingTable.shared.fixedPath(path) {
        guard fixed.methods.contains(method) else { return .methodNotAllowed(allow: fixed.methods.allow) }
        return .endpoint(fixed.endpoint, upstreamPath: fixed.upstreamPath)
    }
    guard let (pattern, modelID) = RoutingTable.shared.pattern(of: path) else { return .unknown }
    guard pattern.methods.contains(method) else { return .methodNotAllowed(allow: pattern.methods.allow) }
    return .endpoint(pattern.endpoint, upstreamPath: UpstreamPath(modelID: modelID, webSocket: pattern.webSocket))
}
