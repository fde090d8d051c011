import HTTP1
import HTTPClient
import OpenAIAPI
import Policy

extension RequestPipeline {
    /// Checks that the file, batch, response or conversation that the request names is the client's own. To all others it does not
    /// exist.
    @inline(never)
    func authorizeResource(_ route: MatchedRoute) async throws(RequestFailure) {
        // The metadata are large, and other endpoints have nothing stored.
        if route.endpoint == .responses || route.endpoint == .inputTokens, let stored = details.metadata?.stored {
            return try await authorize(stored)
        }
        guard let request = resourceRequest(route) else { return }
        details.resource = request
        try await authorize(request)
    }

    /// Checks that the client continues its own responses and conversations.
    @inline(never)
    private func authorize(_ stored: StoredReferences) async throws(RequestFailure) {
        details.isResponseStored = stored.isStored
        if let id = stored.responseID { _ = try await ownResource(id, .response) }
        if let id = stored.conversationID { _ = try await ownResource(id, .conversation) }
    }

    /// The resource that the request is about; nil for all other requests.
    @inline(never)
    private func resourceRequest(_ route: MatchedRoute) -> ResourceRequest? {
        switch route.endpoint {
        case .files, .batches, .storedResponses, .conversations, .other: break
        default: return nil
        }
        let head = exchange.head
        let fields = head.fields
        // Without the alias that precedes it.
        let path = head.path.dropFirst(route.path.start)
        let action = fields.withSpan(head.method) { method in
            fields.withSpan(path) { ResourceAction(endpoint: route.endpoint, method: method, path: $0) }
        }
        guard let action, let kind = fields.withSpan(path, { ResourceKind(path: $0) }) else { return nil }
        let request = ResourceRequest(action, kind: OwnedResource.Kind(kind))
        if action == .list {
            let page = fields.withSpan(head.query ?? 0..<0) { ListQuery($0) }
            request.page = page
            request.query = ResourceListing.query(page, after: page.after, request.kind)
        }
        return request
    }

    @inline(never)
    private func authorize(_ request: ResourceRequest) async throws(RequestFailure) {
        switch request.action {
        case .create:
            if let input = details.metadata?.batch?.inputFileID {
                request.lines = try await lines(of: ownResource(input, .file))
            }
        case .list:
            if let after = request.page?.after { _ = try await ownResource(after, request.kind) }
        case .content(let id):
            let file = try await ownResource(id, .file)
            request.object = file
        case .delete(let id):
            let object = try await ownResource(id, request.kind)
            request.object = object
            if let batch = try await unmeteredBatch(of: object) { try await billBeforeDeletion(of: object, batch) }
        case .use(let id): request.object = try await ownResource(id, request.kind)
        }
    }

    /// The resource `id`, which is of the kind `kind` and the client's own.
    private func ownResource(
        _ id: String, _ kind: OwnedResource.Kind
    ) async throws(RequestFailure) -> OwnedResource {
        guard let key = details.key, let resource = try await resources([id])[id], resource.kind == kind,
            resource.isVisible(to: key)
        else { throw .refused(.notFound) }
        return resource
    }

    private func unmeteredBatch(of file: OwnedResource) async throws(RequestFailure) -> OwnedResource? {
        guard let id = file.batchID, let batch = try await resources([id])[id], !batch.isMetered else { return nil }
        return batch
    }

    /// Those of the resources `ids` that were made through this gateway.
    func resources(_ ids: [String]) async throws(RequestFailure) -> [String: OwnedResource] {
        do throws(StoreUnavailable) {
            return try await gateway.objects.objects(ids)
        } catch { throw .storeUnavailable }
    }
}

extension OwnedResource.Kind {
    /// The kind of a resource at a path of the API.
    fileprivate init(_ kind: ResourceKind) {
        self =
            switch kind {
            case .file: .file
            case .batch: .batch
            case .response: .response
            case .conversation: .conversation
            }
    }
}
