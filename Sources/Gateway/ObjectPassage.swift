import HTTP1
import HTTPClient
import OpenAIAPI
import Policy

/// What a request is about that concerns files or batches.
final class ResourceRequest {
    let action: ResourceAction
    /// What it makes, lists or names.
    let kind: OwnedResource.Kind
    /// The object that it names, once it is known to be the caller's.
    var object: OwnedResource?
    /// The batch that has written the file, as long as it is not in the ledger.
    var unmeteredBatch: OwnedResource?
    /// Of a list: which page the caller asks for,
    var page: ListQuery?
    /// and the query that goes upstream in the place of the caller's.
    var query: [UInt8]?

    init(_ action: ResourceAction, kind: OwnedResource.Kind) {
        self.action = action
        self.kind = kind
    }

    /// Whether the gateway itself has to read the answer.
    var isRead: Bool {
        if case .content = action { false } else { true }
    }
}

extension RequestPassage {
    /// What the request does with which file or batch; nil for all other requests.
    @inline(never)
    func objectRequest(_ route: MatchedRoute) -> ResourceRequest? {
        switch route.endpoint {
        case .files, .batches, .other: break
        default: return nil
        }
        let head = exchange.head
        let fields = head.fields
        let action = fields.withSpan(head.method) { method in
            fields.withSpan(head.path) { ResourceAction(endpoint: route.endpoint, method: method, path: $0) }
        }
        guard let action else { return nil }
        let kind = fields.withSpan(head.path) { ResourceKind(path: $0) }
        let request = ResourceRequest(action, kind: kind == .batch ? .batch : .file)
        if action == .list {
            let page = fields.withSpan(head.query ?? 0..<0) { ListQuery($0) }
            request.page = page
            request.query = ObjectListRelay.query(page, after: page.after, request.kind)
        }
        return request
    }

    /// Whether the objects that the request names are the caller's own. To all others they do not exist.
    @inline(never)
    func claim(_ request: ResourceRequest, for key: KeyRecord) async throws(Departure) {
        switch request.action {
        case .create:
            if let input = facts?.inputFileID { _ = try await object(input, .file, of: key) }
        case .list:
            if let after = request.page?.after { _ = try await object(after, request.kind, of: key) }
        case .content(let id):
            let file = try await object(id, .file, of: key)
            request.object = file
            request.unmeteredBatch = try await unmeteredBatch(of: file)
        case .delete(let id):
            let file = try await object(id, .file, of: key)
            request.object = file
            if let batch = try await unmeteredBatch(of: file) { try await meterBeforeDeletion(of: file, batch) }
        case .use(let id): request.object = try await object(id, request.kind, of: key)
        }
    }

    private func object(
        _ id: String, _ kind: OwnedResource.Kind, of key: KeyRecord
    ) async throws(Departure) -> OwnedResource {
        guard let object = try await objects([id])[id], object.kind == kind, object.isVisible(to: key) else {
            throw .refused(.notFound, .refused)
        }
        return object
    }

    private func unmeteredBatch(of file: OwnedResource) async throws(Departure) -> OwnedResource? {
        guard let id = file.batchID, let batch = try await objects([id])[id], !batch.isMetered else { return nil }
        return batch
    }

    /// Those of the objects `ids` that were made through this gateway.
    func objects(_ ids: [String]) async throws(Departure) -> [String: OwnedResource] {
        do throws(StoreUnavailable) {
            return try await gateway.objects.objects(ids)
        } catch { throw .refused(.storeUnavailable, .refused) }
    }
}
