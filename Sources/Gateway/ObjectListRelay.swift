import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy

/// How lists of files and batches are put together: all callers share the upstream's list, and each sees its own part of it.
enum ObjectListRelay {
    /// Pages of the upstream that are looked through for one page of a caller. At the bound the caller gets what was found,
    /// with `has_more`: the next page begins behind the last of these.
    static let pageLimit = 100
    /// Bytes of one page of the upstream, and of a caller's.
    static let byteLimit = 8 << 20

    /// The query for the upstream's page behind `after`: with at least 100 entries, few of which may be the caller's.
    static func query(_ page: ListQuery, after: String?, _ kind: OwnedResource.Kind) -> [UInt8] {
        // Without a limit the upstream lists files by the thousands.
        let limit = kind == .batch ? page.limit ?? 20 : page.limit
        return page.page(limit: limit.map { max(100, $0) }, after: after)
    }

    /// How many entries a caller gets that does not say how many.
    static func standardLimit(_ kind: OwnedResource.Kind) -> Int { kind == .batch ? 20 : 10_000 }
}

extension RequestPassage {
    /// Reads the upstream's list, page by page, and sends on what of it is the caller's.
    @inline(never)
    func relayObjectList(_ answer: ClientExchange, _ request: ResourceRequest, _ route: MatchedRoute) async {
        let list: [UInt8]
        do throws(Departure) {
            list = try await ownList(from: answer, request, route)
        } catch { return await depart(error) }
        await send(list, as: answer.head)
    }

    /// The page that the caller asked for.
    private func ownList(
        from answer: ClientExchange, _ request: ResourceRequest, _ route: MatchedRoute
    ) async throws(Departure) -> [UInt8] {
        guard let key, let asked = request.page else { preconditionFailure("a list is asked for with a key") }
        let limit = asked.limit ?? ObjectListRelay.standardLimit(request.kind)
        var list = ResourceListWriter()
        var after = asked.after
        var body = try await wholeBody(of: answer, limit: ObjectListRelay.byteLimit)
        answer.end()
        for number in 1... {
            guard let page = ResourceListPage(body) else { throw .refused(.upstreamProtocol, .upstreamFailed) }
            // An upstream that does not know `after` sends the same page for ever.
            guard let last = page.entries.last?.resource.id, last != after || number == 1 else { break }
            for (entry, object) in try await own(page, for: key) {
                guard list.count < limit, list.count == 0 || list.byteCount < ObjectListRelay.byteLimit else {
                    return list.finish(hasMore: true)
                }
                list.add(body[entry.range], id: object.id)
                if object.kind == .batch { await noteFiles(of: object, in: entry.resource) }
            }
            guard page.hasMore else { break }
            guard list.count < limit, number < ObjectListRelay.pageLimit else { return list.finish(hasMore: true) }
            after = last
            request.query = ObjectListRelay.query(asked, after: last, request.kind)
            body = try await nextPage(route)
        }
        return list.finish(hasMore: false)
    }

    /// Those of a page's entries that are the caller's, and what is known of them.
    private func own(
        _ page: ResourceListPage, for key: KeyRecord
    ) async throws(Departure) -> [(ResourceListPage.Entry, OwnedResource)] {
        let known = try await objects(page.entries.map(\.resource.id))
        return page.entries.compactMap { entry in
            known[entry.resource.id].flatMap { $0.isVisible(to: key) ? (entry, $0) : nil }
        }
    }

    private func nextPage(_ route: MatchedRoute) async throws(Departure) -> [UInt8] {
        let answer: ClientExchange
        do throws(UpstreamFailure) {
            answer = try await snapshot.send(on: exchange.loop) { authorization in
                let head = upstreamHead(
                    route, bodyLength: 0, authorization: authorization, mayCompress: false, model: nil)
                return ClientRequest(head: head, body: .none, isIdempotent: true, caller: exchange.caller)
            }
        } catch { throw departure(error) }
        defer { answer.end() }
        guard answer.head.status == 200 else { throw .refused(.upstreamProtocol, .upstreamFailed) }
        return try await wholeBody(of: answer, limit: ObjectListRelay.byteLimit)
    }
}
