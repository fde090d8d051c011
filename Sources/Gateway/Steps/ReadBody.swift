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

        let scanner = try requestScanner(route, exchange.head)
        var failure: RequestFailure?
        do throws(ExchangeError) {
            while failure == nil,
                try await exchange.readBody({ piece in
                    guard failure == nil else { return }
                    failure = store.receive(piece, scanner, limit: limit)
                })
            {}
        } catch { throw .exchange(error) }
        details.requestBytes = Int64(store.count)
        if let failure { throw failure }
        try noteMetadata(scanner)
        return store
    }

    @inline(never)
    private func noteMetadata(_ scanner: RequestScanner) throws(RequestFailure) {
        do throws(APIError) { details.metadata = try scanner.finish() } catch { throw .refused(error) }
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

/// A scanner for a body of the content type that `head` states.
@inline(never)
private func requestScanner(_ route: MatchedRoute, _ head: RequestHead) throws(RequestFailure) -> RequestScanner {
    let fields = head.fields
    let pathNamesModel = route.path.namesModelOfBody
    do throws(APIError) {
        guard let contentType = fields.first("content-type") else {
            return try RequestScanner(endpoint: route.endpoint, contentType: nil, pathNamesModel: pathNamesModel)
        }
        return try fields.withSpan(contentType) { text throws(APIError) in
            try RequestScanner(endpoint: route.endpoint, contentType: text, pathNamesModel: pathNamesModel)
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

extension BodyStore {
    /// Scans and keeps the next piece of a body of at most `limit` bytes.
    @inline(never)
    fileprivate func receive(_ piece: Span<UInt8>, _ scanner: RequestScanner, limit: Int) -> RequestFailure? {
        guard count + piece.count <= limit else { return .refused(.requestTooLarge(limit: limit)) }
        do throws(APIError) { try scanner.scan(piece) } catch { return .refused(error) }
        do throws(SystemError) { try append(piece) } catch { return .storeUnavailable }
        return nil
    }
}
