import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy

/// Lists of files and batches: all clients share the upstream's list, and each sees its own part of it.
enum ResourceListing {
    /// The most pages of the upstream that are read for one page of a client. At the bound the client gets what was found,
    /// with `has_more`: the next page begins after the last entry.
    static let pageLimit = 100
    /// The most bytes of one page of the upstream, and of a client's.
    static let byteLimit = 8 << 20

    /// The query for the upstream's page after `after`: with at least 100 entries, few of which may be the client's.
    static func query(_ page: ListQuery, after: String?, _ kind: OwnedResource.Kind) -> [UInt8] {
        // Without a limit the upstream lists files by the thousands.
        let limit = kind == .batch ? page.limit ?? 20 : page.limit
        return page.page(limit: limit.map { max(100, $0) }, after: after)
    }

    /// The number of entries of a page whose `limit` the client does not state.
    static func standardLimit(_ kind: OwnedResource.Kind) -> Int { kind == .batch ? 20 : 10_000 }
}

extension RequestPipeline {
    /// The page that the client asked for.
    @inline(never)
    func ownList(
        from response: ClientExchange, _ request: ResourceRequest, _ route: MatchedRoute
    ) async throws(RequestFailure) -> [UInt8] {
        guard let key = details.key, let asked = request.page else {
            preconditionFailure("a list is asked for with a key")
        }
        let limit = asked.limit ?? ResourceListing.standardLimit(request.kind)
        var list = ResourceListWriter()
        var after = asked.after
        var body = try await plainBody(of: response, limit: ResourceListing.byteLimit)
        response.end()
        for number in 1... {
            guard let page = ResourceListPage(body) else { throw .brokenResponse }
            // An upstream that does not know `after` would send the same page again and again.
            guard let last = page.entries.last?.resource.id, last != after || number == 1 else { break }
            for (entry, object) in try await own(page, for: key) {
                guard list.count < limit, list.count == 0 || list.byteCount < ResourceListing.byteLimit else {
                    return list.finish(hasMore: true)
                }
                list.add(body[entry.range], id: object.id)
                if object.kind == .batch { await noteState(of: object, entry.resource) }
            }
            guard page.hasMore else { break }
            guard list.count < limit, number < ResourceListing.pageLimit else { return list.finish(hasMore: true) }
            if let refusal = countFurtherRequest(of: key, route.endpoint) {
                // The client continues after its last entry, as soon as its limits have room.
                guard list.count == 0 else { return list.finish(hasMore: true) }
                throw refusal
            }
            after = last
            request.query = ResourceListing.query(asked, after: last, request.kind)
            body = try await nextPage(route)
        }
        return list.finish(hasMore: false)
    }

    /// Counts a further request upstream, as for a page of a list, as one of `key`. Returns the refusal where its limits have no room for it.
    @inline(never)
    func countFurtherRequest(of key: KeyRecord, _ endpoint: Endpoint) -> RequestFailure? {
        let now = gateway.clock.limitTime
        do throws(LimitRefusal) {
            try gateway.limiter.countRequest(of: key, user: details.user ?? "", at: now)
            return nil
        } catch {
            return refused(by: error, endpoint, at: now, wasSent: true)
        }
    }

    /// The client's own entries of a page, with their owners.
    private func own(
        _ page: ResourceListPage, for key: KeyRecord
    ) async throws(RequestFailure) -> [(ResourceListPage.Entry, OwnedResource)] {
        let known = try await resources(page.entries.map(\.resource.id))
        return page.entries.compactMap { entry in
            known[entry.resource.id].flatMap { $0.isVisible(to: key) ? (entry, $0) : nil }
        }
    }

    private func nextPage(_ route: MatchedRoute) async throws(RequestFailure) -> [UInt8] {
        let response: ClientExchange
        do throws(UpstreamFailure) {
            response = try await snapshot.send(on: exchange.loop, at: gateway.clock, mayFallBack: false) { target in
                let head = upstreamHead(route, bodyLength: 0, to: target, mayCompress: false, model: nil)
                return ClientRequest(
                    head: head, body: .none, isIdempotent: true, clientSocket: exchange.clientSocket, probe: self)
            }
        } catch { throw .upstream(error) }
        defer { response.end() }
        guard response.head.status == 200 else { throw .brokenResponse }
        return try await plainBody(of: response, limit: ResourceListing.byteLimit)
    }
}
