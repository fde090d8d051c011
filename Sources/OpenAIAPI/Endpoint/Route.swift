import Bytes

/// The result of routing a request.
package enum Route: Equatable, Sendable {
    /// Belongs to `endpoint`, and goes upstream to `upstreamPath`.
    case endpoint(Endpoint, upstreamPath: UpstreamPath)
    /// Has a known path that does not take this method. `allow` is the value of the header of that name.
    case methodNotAllowed(allow: String)
    /// Names a model in its path that no reader could use: 400 `invalid_model`.
    case invalidModel
    /// Has a path that is not served, or that two servers could read differently.
    case unknown
}

/// Routes a request by its method and its path. `path` is as the client wrote it, without the query.
///
/// Serves `/v2/rerank`, every path below `/v1/`, and their aliases (`PathAlias`). Refuses a path that the upstream could read
/// as another one: a second spelling of an endpoint (`/v1/chat//completions`, `/v1/%63ompletions`), or a way out of `/v1/`
/// (`/v1/..%2Fadmin`). Allocates nothing for a fixed path.
package func route(method: Span<UInt8>, path: Span<UInt8>) -> Route {
    let table = RoutingTable.shared
    if let fixed = table.fixedPath(path) { return fixed.route(method, fixed.upstreamPath) }
    if let model = PathAlias.deployment(in: path) { return table.route(method, path, toDeployment: model) }
    guard let surplus = PathAlias.surplus(of: path) else { return table.route(method, path, surplus: 0) }
    let rest = path.extracting(surplus..<path.count)
    if let fixed = table.fixedPath(rest) { return fixed.route(method, fixed.upstreamPath.after(surplus)) }
    return table.route(method, rest, surplus: surplus)
}

extension RoutingTable.FixedPath {
    fileprivate func route(_ method: Span<UInt8>, _ upstreamPath: UpstreamPath) -> Route {
        guard methods.contains(method) else { return .methodNotAllowed(allow: methods.allow) }
        return .endpoint(endpoint, upstreamPath: upstreamPath)
    }
}

extension RoutingTable {
    /// Routes a path that is not fixed. `surplus` bytes of an alias precede it.
    fileprivate func route(_ method: Span<UInt8>, _ path: Span<UInt8>, surplus: Int) -> Route {
        guard let (pattern, modelID) = pattern(of: path) else {
            return namesInvalidModel(path) ? .invalidModel : .unknown
        }
        guard pattern.methods.contains(method) else { return .methodNotAllowed(allow: pattern.methods.allow) }
        return .endpoint(
            pattern.endpoint, upstreamPath: UpstreamPath(modelID: modelID, webSocket: pattern.webSocket).after(surplus))
    }

    /// Routes a path of Azure's for the model at `model`, to the endpoint whose body names a model.
    fileprivate func route(_ method: Span<UInt8>, _ path: Span<UInt8>, toDeployment model: Range<Int>) -> Route {
        var plain: [UInt8] = []
        plain.append(UpstreamPath.version)
        plain.append(model.upperBound..<path.count, of: path)
        guard let fixed = fixedPath(plain.span), fixed.endpoint.namesModelInBody else { return .unknown }
        guard let name = PercentCoding.strictlyDecoded(path.extracting(model)), ModelName.isValid(name) else {
            return .invalidModel
        }
        return fixed.route(method, UpstreamPath(deployment: model))
    }
}
