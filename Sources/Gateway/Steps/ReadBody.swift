import HTTP1
import HTTPServer
import OpenAIAPI
import Transport

extension RequestPipeline {
    /// Reads the whole body, and its metadata while it passes.
    @inline(never)
    func readBody(_ route: MatchedRoute) async throws(RequestFailure) -> BodyStore {
        let limit = snapshot.bodyLimit(of: route.endpoint)
        let store = try bodyStore(limit: limit)
        guard exchange.hasBody || route.endpoint.needsModel else { return store }

        let intake = try bodyIntake(route, store, limit: limit)
        do throws(ExchangeError) {
            while intake.failure == nil, try await exchange.readBody({ intake.receive($0) }) {}
        } catch { throw .exchange(error) }
        details.requestBytes = Int64(store.count)
        details.metadata = try intake.finish()
        return store
    }

    /// The place for the body; refuses one that announces more than `limit` bytes.
    @inline(never)
    private func bodyStore(limit: Int) throws(RequestFailure) -> BodyStore {
        let declared = exchange.declaredBodyLength
        if let declared, declared > limit { throw .refused(.requestTooLarge(limit: limit)) }
        return BodyStore(
            expected: declared.map { Int($0) }, memoryLimit: snapshot.options.memoryBodyBytes,
            directory: snapshot.options.temporaryDirectory)
    }
}

extension RequestPipeline {
    @inline(never)
    private func bodyIntake(
        _ route: MatchedRoute, _ store: BodyStore, limit: Int
    ) throws(RequestFailure) -> BodyIntake {
        let fields = exchange.head.fields
        let scanner = try requestScanner(route, fields)
        return BodyIntake(
            store, route.dialect == nil ? scanner : nil, try BodyDecoder.of(fields, limit: limit), limit: limit)
    }
}

/// A scanner for a body that goes upstream, where the client's has the content type that `fields` state.
func requestScanner(_ route: MatchedRoute, _ fields: HeaderFields) throws(RequestFailure) -> RequestScanner {
    let contentType = try fields.only("content-type")
    let endpoint = route.upstreamEndpoint
    let pathNamesModel = route.path.namesModelOfBody
    do throws(APIError) {
        guard let contentType else {
            return try RequestScanner(endpoint: endpoint, contentType: nil, pathNamesModel: pathNamesModel)
        }
        return try fields.withSpan(contentType) { text throws(APIError) in
            try RequestScanner(endpoint: endpoint, contentType: text, pathNamesModel: pathNamesModel)
        }
    } catch { throw .refused(error) }
}

extension GatewaySnapshot {
    /// The most bytes of a request's body to `endpoint`.
    @inline(never)
    fileprivate func bodyLimit(of endpoint: Endpoint) -> Int {
        endpoint.takesUploads ? options.uploadBytes : options.bodyBytes
    }
}
