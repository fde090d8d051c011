import HTTP1
import OpenAIAPI
import Policy

/// The endpoint of a request, and its path upstream. An object, so that suspended steps keep one pointer for it.
final class MatchedRoute {
    let endpoint: Endpoint
    /// The API that the request is translated from; nil where it is the upstream's.
    let dialect: Dialect?
    let path: UpstreamPath
    /// The handshake of a request for a WebSocket; nil for every other request.
    var handshake: WebSocketHandshake?
    /// The model in `/v1/realtime?model=…`.
    let queryModel: QueryModel?

    /// The endpoint of the request upstream.
    var upstreamEndpoint: Endpoint { dialect == nil ? endpoint : .chatCompletions }

    init(endpoint: Endpoint, dialect: Dialect? = nil, path: UpstreamPath, queryModel: QueryModel? = nil) {
        self.endpoint = endpoint
        self.dialect = dialect
        self.path = path
        self.queryModel = queryModel
    }

    /// The route of a request with `head`.
    ///
    /// - Parameter nativeAPIs: the APIs that the upstream has itself.
    static func of(_ head: RequestHead, nativeAPIs: [Dialect] = []) throws(RequestFailure) -> MatchedRoute {
        let fields = head.fields
        let route = fields.withSpan(head.method) { method in
            fields.withSpan(head.path) { path in OpenAIAPI.route(method: method, path: path) }
        }
        switch route {
        case .unknown: throw .refused(.unknownURL)
        case .invalidModel: throw .refused(.invalidModel)
        case .methodNotAllowed(let allow): throw .refused(.methodNotAllowed(allow: allow))
        case .endpoint(let endpoint, let path):
            return MatchedRoute(
                endpoint: endpoint, dialect: try dialect(endpoint, head, nativeAPIs), path: path,
                queryModel: try queryModel(endpoint, head))
        }
    }

    /// The API that the request is translated from.
    ///
    /// - Throws: 404 for what the translation does not have.
    private static func dialect(
        _ endpoint: Endpoint, _ head: RequestHead, _ nativeAPIs: [Dialect]
    ) throws(RequestFailure) -> Dialect? {
        if let dialect = endpoint.dialect { return nativeAPIs.contains(dialect) ? nil : dialect }
        guard endpoint == .other || endpoint == .storedResponses,
            let dialect = head.fields.withSpan(head.path, { Dialect(path: $0) }),
            !nativeAPIs.contains(dialect)
        else { return nil }
        throw .refused(.untranslatedPath(of: dialect))
    }

    private static func queryModel(
        _ endpoint: Endpoint, _ head: RequestHead
    ) throws(RequestFailure) -> QueryModel? {
        guard endpoint.namesModelInQuery, let query = head.query else { return nil }
        do throws(APIError) {
            return try head.fields.withSpan(query) { text throws(APIError) in try QueryModel.find(in: text) }
        } catch { throw .refused(error) }
    }

    /// The model in `/v1/models/{id}` or `/openai/deployments/{model}/…`, for the path of `head`.
    func modelInPath(of head: RequestHead) -> String? { head.fields.withSpan(head.path) { path.modelID(in: $0) } }
}

extension RequestPipeline {
    /// Finds the endpoint of the request, and its path upstream.
    @inline(never)
    func matchRoute() throws(RequestFailure) -> MatchedRoute {
        let route = try MatchedRoute.of(exchange.head, nativeAPIs: snapshot.options.nativeAPIs)
        details.endpoint = route.endpoint
        details.method = RequestMethod(exchange.head)
        details.usesModels = details.method.isWrite || route.endpoint.billing == .connectionMinutes
        if route.path.webSocket != .never { route.handshake = try handshake(on: route.path) }
        return route
    }

    /// The handshake of the request; nil where it is an ordinary one, whose `upgrade` is ignored (RFC 9110, section 7.8).
    @inline(never)
    private func handshake(on path: UpstreamPath) throws(RequestFailure) -> WebSocketHandshake? {
        guard WebSocketHandshake.isRequested(by: exchange.head) else {
            if path.webSocket == .required { throw .refused(.upgradeRequired) }
            return nil
        }
        do throws(WebSocketHandshake.Fault) {
            return try WebSocketHandshake(exchange.head, mayForward: { !Subprotocol.holdsCredential($0) })
        } catch { throw .handshake(error) }
    }

    /// Refuses the request where the gateway is shutting down, or where its usage could not be kept.
    @inline(never)
    func checkReadiness() throws(RequestFailure) {
        if gateway.isDraining { throw .refused(.draining) }
        if gateway.usage.trouble != nil { throw .storeUnavailable }
    }
}
