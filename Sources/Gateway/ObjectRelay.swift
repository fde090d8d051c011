import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy

/// Files and batches: all callers share one account at the upstream, and each sees only what it, or its team, has made.
extension RequestPassage {
    /// Lists ask the upstream for at most so many pages of `pageSize` entries: beyond them the caller gets what was found, and the
    /// word that there is more.
    private static let pageLimit = 100
    private static let pageSize = 100

    /// What a request to files or batches is about.
    private func objectPath() -> ObjectPath? { exchange.head.fields.withSpan(exchange.head.path) { ObjectPath($0) } }

    private func kind(of endpoint: Endpoint) -> OwnedObject.Kind { endpoint == .files ? .file : .batch }

    /// Whether the caller may see what the request is about; else 404, as for what is not there.
    @inline(never)
    func checkOwnership(_ route: MatchedRoute, _ key: KeyRecord) async throws(Departure) {
        guard let path = objectPath() else { throw .refused(.unknownURL, .refused) }
        if let id = path.id { try await check(id, kind(of: route.endpoint), key) }
        if path == .collection, let id = facts?.inputFileID { try await check(id, .file, key) }
    }

    private func check(_ id: String, _ kind: OwnedObject.Kind, _ key: KeyRecord) async throws(Departure) {
        let object: OwnedObject?
        do throws(StoreUnavailable) { object = try await gateway.objects.objects([id])[id] } catch {
            throw .refused(.storeUnavailable, .refused)
        }
        guard let object, object.kind == kind, object.isVisible(to: key) else { throw .refused(.notFound, .refused) }
    }

    /// What is to be done with an answer about files or batches before it may go on.
    enum ObjectStep {
        /// It is somebody's: remember whose.
        case made(OwnedObject.Kind)
        /// It has gone.
        case removed(String)
        /// A batch as it is now.
        case batch
        /// A page of what everybody has made.
        case list(OwnedObject.Kind)
    }

    /// The step for `answer`; nil for one that passes as it is.
    @inline(never)
    func objectStep(_ answer: UpstreamAnswer, _ route: MatchedRoute) -> ObjectStep? {
        guard route.endpoint.hasObjects, (200..<300).contains(answer.exchange.head.status), let path = objectPath()
        else {
            return nil
        }
        let fields = exchange.head.fields
        let method = exchange.head.method
        let kind = kind(of: route.endpoint)
        switch path {
        case .collection:
            if fields.equals(method, "post") { return .made(kind) }
            return fields.equals(method, "get") ? .list(kind) : nil
        case .object(let id):
            if fields.equals(method, "delete") { return .removed(id) }
            return kind == .batch && fields.equals(method, "get") ? .batch : nil
        case .part(let id, let part):
            if kind == .file, part == "content" { meterBatch(ofFile: id) }
            return kind == .batch && fields.equals(method, "post") ? .batch : nil
        }
    }

    /// Reads the answer to its end, does the step, and sends it on.
    @inline(never)
    func relayObjects(_ answer: ClientExchange, _ step: ObjectStep) async {
        guard let body = await wholeBody(of: answer) else { return }
        do throws(StoreUnavailable) {
            switch step {
            case .made(let kind):
                guard let facts = ObjectFacts(body.span), let key else { break }
                // Where this fails the upstream has an object that nobody can see. The caller is told to try again.
                try await gateway.objects.add(
                    OwnedObject(id: facts.id, kind: kind, keyID: key.id, team: key.team, createdAt: startedAt))
                if kind == .batch { try await note([facts]) }
            case .removed(let id): try await gateway.objects.remove(id)
            case .batch: if let facts = ObjectFacts(body.span) { try await note([facts]) }
            case .list(let kind):
                guard let page = try await ownPage(body, kind) else {
                    settle(status: 502, .upstreamInterrupted)
                    return await answerWithError(.upstreamProtocol)
                }
                return await send(page, as: answer.head)
            }
        } catch {
            settle(status: 503, .upstreamInterrupted)
            return await answerWithError(.storeUnavailable)
        }
        let view = AnswerView(answer.head, endpoint: endpoint ?? .other, hidesUsage: false)
        var output: [UInt8] = []
        view.take(body.span, to: &output)
        view.finish(to: &output)
        await send(output, as: answer.head, of: view)
    }

    /// The caller's own entries of the list that begins with the page `body`, as many as it asks for; nil where the upstream's
    /// answers are no lists.
    private func ownPage(_ body: [UInt8], _ kind: OwnedObject.Kind) async throws(StoreUnavailable) -> [UInt8]? {
        let query = exchange.head.query.map { exchange.head.fields.withSpan($0) { PageQuery($0) } } ?? PageQuery()
        let path = exchange.head.fields.string(exchange.head.path)
        var body = body
        var kept: [(id: String, object: ArraySlice<UInt8>)] = []
        guard var page = ObjectPage(body), let key else { return nil }
        let wanted = query.limit ?? max(1, page.entries.count)
        for pages in 1... {
            let known = try await gateway.objects.objects(page.entries.map(\.facts.id))
            let own = page.entries.filter { known[$0.facts.id]?.isVisible(to: key) == true }
            for entry in own { kept.append((entry.facts.id, body[entry.range])) }
            if kind == .batch { try await note(own.map(\.facts)) }
            guard kept.count < wanted, page.hasMore, pages < Self.pageLimit, let last = page.entries.last else { break }
            let next = "\(path)?\(query.next(after: last.facts.id, limit: Self.pageSize))"
            var further: [UInt8] = []
            guard
                await gateway.fetch(
                    next, snapshot: snapshot, on: exchange.loop,
                    { piece in piece.withUnsafeBufferPointer { further.append(contentsOf: $0) } }),
                let nextPage = ObjectPage(further)
            else { return nil }
            body = further
            page = nextPage
        }
        let hasMore = page.hasMore || kept.count > wanted
        return ObjectPage.text(of: Array(kept.prefix(wanted)), hasMore: hasMore)
    }

    // MARK: Batches

    /// What batches have written belongs to whoever made them; one that has ended is metered.
    private func note(_ batches: [ObjectFacts]) async throws(StoreUnavailable) {
        let written = batches.filter { $0.outputFileID != nil || $0.errorFileID != nil || $0.hasEnded }
        guard !written.isEmpty else { return }
        let known = try await gateway.objects.objects(written.map(\.id))
        for facts in written {
            guard let batch = known[facts.id] else { continue }
            for case let file? in [facts.outputFileID, facts.errorFileID] {
                try await gateway.objects.add(
                    OwnedObject(
                        id: file, kind: .file, keyID: batch.keyID, team: batch.team, createdAt: startedAt,
                        batchID: batch.id))
            }
            if facts.hasEnded, !batch.isMetered {
                gateway.meter(batch, output: facts.outputFileID, snapshot, exchange.loop)
            }
        }
    }

    /// Somebody reads the file `id`: should it be what a batch has written, the batch is metered now at the latest.
    private func meterBatch(ofFile id: String) {
        let gateway = gateway
        let snapshot = snapshot
        let loop = exchange.loop
        Task(executorPreference: loop) {
            do throws(StoreUnavailable) {
                guard let batchID = try await gateway.objects.objects([id])[id]?.batchID,
                    let batch = try await gateway.objects.objects([batchID])[batchID], !batch.isMetered,
                    let facts = await gateway.batch(batchID, snapshot: snapshot, on: loop), facts.hasEnded
                else { return }
                gateway.meter(batch, output: facts.outputFileID, snapshot, loop)
            } catch { return }
        }
    }
}

extension Endpoint {
    /// Whether it is about what callers have left at the upstream.
    var hasObjects: Bool { self == .files || self == .batches }
}
