import Clocks
import HTTP1
import HTTPClient
import HTTPServer
import OpenAIAPI
import Policy
import Transport

/// One request on its way through the gateway, from its head to its row in the ledger. Read `pass` from top to bottom.
///
///     authenticate ─ route ─ read ─ admit ─ forward ─ relay ─ settle
///           └─────────┴───────┴───────┴────────┴─▶ refuse ──────┘
final class RequestPassage {
    // What every piece of an answer needs comes first, to lie together in memory.
    let exchange: ServerExchange
    let gateway: Gateway
    let snapshot: GatewaySnapshot
    var endpoint: Endpoint?
    /// What the caller was sent.
    var status = 0
    /// The request's place in the journal, from when it goes upstream until its row is written.
    var inFlight: InFlight?
    /// The output tokens beyond which its stream needs more of its limits; `.max` where it needs none, or there is none left.
    var outputAllowance = Int64.max
    /// What it holds of its limits, from when it is admitted until its row is written.
    var reservation: Reservation?
    let id: RequestID
    let startedAt: Timestamp
    /// Whose request it is, once that is known.
    private(set) var key: KeyRecord?
    /// What is known for the ledger so far; nil as long as nobody is known whom a row could belong to.
    var record: UsageRecord?
    var facts: RequestMetadata?
    /// The file or batch that it is about, if any.
    var object: ResourceRequest?
    /// Where the caller stands, as its admission or refusal found it.
    var rates: RateLimits?

    init(_ exchange: ServerExchange, gateway: Gateway) {
        self.exchange = exchange
        self.gateway = gateway
        snapshot = gateway.snapshot
        startedAt = .now
        id = gateway.ids.next(at: startedAt)
    }

    /// Why a request ends before there is an answer of the upstream to relay.
    ///
    /// Indirect, so that the steps it is thrown through keep no room for it.
    indirect enum Departure: Error {
        /// The caller is told why.
        case refused(APIError, Ending)
        /// Nobody is there to be told.
        case clientGone
    }

    /// The one way of a request.
    ///
    /// Its steps are kept apart (`@inline(never)`): what they need while they run would else stand in the task's memory for as
    /// long as a stream lasts.
    func pass() async {
        gateway.metrics.begin()
        do throws(Departure) {
            let (answer, route) = try await ask()
            if answer.isSwitch { await tunnel(answer) } else { await relay(answer, for: route) }
        } catch {
            await refuse(error)
        }
        tell()
    }

    /// Tells the access log and the metrics how it went.
    @inline(never)
    private func tell() {
        logAccess()
        gateway.metrics.end(endpoint: endpoint, record: record, status: status, startedAt: exchange.startedAt)
    }

    /// The first half of the way: to the upstream.
    @inline(never)
    private func ask() async throws(Departure) -> (UpstreamResponse, MatchedRoute) {
        let key = try authenticate()
        let route = try route(for: key)
        let body = try await readBody(route)
        let admitted = try admit(key, route)
        object = objectRequest(route)
        if let object { try await claim(object, for: key) }
        return (try await forward(outgoing(body, admitted, route)), route)
    }

    // MARK: Authenticate

    /// Whose request it is: the key in `Authorization: Bearer`, and nothing else.
    @inline(never)
    private func authenticate() throws(Departure) -> KeyRecord {
        let fields = exchange.head.fields
        guard let value = fields.first("authorization"), fields.hasPrefix(value, "bearer ") else {
            throw .refused(.missingAPIKey, .refused)
        }
        let digest = fields.withSpan(value.lowerBound + 7..<value.upperBound) { text -> KeyDigest? in
            guard APIKey.isWellFormed(text) else { return nil }
            let words = sha256(text)
            return KeyDigest(words.0, words.1, words.2, words.3)
        }
        guard let digest else { throw .refused(.invalidAPIKey, .refused) }
        let key: KeyRecord
        do throws(KeyRefusal) {
            key = try gateway.keys.keys.authenticate(digest, at: startedAt)
        } catch {
            switch error {
            case .unknown: throw .refused(.invalidAPIKey, .refused)
            case .expired: throw .refused(.keyExpired, .refused)
            case .revoked, .rotated: throw .refused(.keyRevoked, .refused)
            }
        }
        record = UsageRecord(id: id, keyID: key.id, team: key.team, endpoint: "", startedAt: startedAt)
        self.key = key
        return key
    }

    // MARK: Route

    /// Which endpoint it is for, and what its path is upstream.
    @inline(never)
    private func route(for key: KeyRecord) throws(Departure) -> MatchedRoute {
        let fields = exchange.head.fields
        let route = fields.withSpan(exchange.head.method) { method in
            fields.withSpan(exchange.head.path) { path in OpenAIAPI.route(method: method, path: path) }
        }
        switch route {
        case .unknown: throw .refused(.unknownURL, .refused)
        case .methodNotAllowed(let allow): throw .refused(.methodNotAllowed(allow: allow), .refused)
        case .endpoint(let endpoint, let path):
            self.endpoint = endpoint
            record?.endpoint = endpoint.rawValue
            if gateway.isDraining { throw .refused(.draining, .refused) }
            if gateway.usage.trouble != nil { throw .refused(.storeUnavailable, .refused) }
            return MatchedRoute(endpoint: endpoint, path: path)
        }
    }

    /// An object, as many a step of a request has to remember it while it waits.
    final class MatchedRoute {
        let endpoint: Endpoint
        let path: UpstreamPath

        init(endpoint: Endpoint, path: UpstreamPath) {
            self.endpoint = endpoint
            self.path = path
        }
    }

    // MARK: Read

    /// Reads the whole body, and what has to be known of it while it passes.
    @inline(never)
    private func readBody(_ route: MatchedRoute) async throws(Departure) -> BodyStore {
        let limit = route.endpoint.takesUploads ? snapshot.options.uploadBytes : snapshot.options.bodyBytes
        let store = try bodyStore(limit: limit)
        guard exchange.hasBody || route.endpoint.needsModel else { return store }

        let scanner = try scanner(for: route.endpoint)
        var fault: Departure?
        do throws(ExchangeError) {
            while fault == nil,
                try await exchange.readBody({ piece in
                    guard fault == nil else { return }
                    fault = Self.take(piece, into: store, scanner, limit: limit)
                })
            {}
        } catch {
            throw departure(error)
        }
        record?.requestBytes = Int64(store.count)
        if let fault { throw fault }
        try finish(scanner)
        return store
    }

    /// Where the body comes.
    @inline(never)
    private func bodyStore(limit: Int) throws(Departure) -> BodyStore {
        let declared = exchange.declaredBodyLength
        if let declared, declared > limit { throw .refused(.requestTooLarge(limit: limit), .refused) }
        return BodyStore(
            expected: declared.map { Int($0) }, memoryLimit: snapshot.options.memoryBodyBytes,
            directory: snapshot.options.temporaryDirectory)
    }

    @inline(never)
    private func finish(_ scanner: RequestScanner) throws(Departure) {
        do throws(APIError) { facts = try scanner.finish() } catch { throw .refused(error, .refused) }
    }

    @inline(never)
    private func scanner(for endpoint: Endpoint) throws(Departure) -> RequestScanner {
        let fields = exchange.head.fields
        do throws(APIError) {
            guard let contentType = fields.first("content-type") else {
                return try RequestScanner(endpoint: endpoint, contentType: nil)
            }
            return try fields.withSpan(contentType) { text throws(APIError) in
                try RequestScanner(endpoint: endpoint, contentType: text)
            }
        } catch { throw .refused(error, .refused) }
    }

    @inline(never)
    private func departure(_ error: ExchangeError) -> Departure {
        switch error {
        case .malformed(let fault):
            .refused(.malformedHTTP(status: fault.status, code: fault.code, message: fault.message), .refused)
        case .timedOut: .refused(.requestTimeout, .refused)
        case .clientGone: .clientGone
        }
    }

    @inline(never)
    private static func take(
        _ piece: Span<UInt8>, into store: BodyStore, _ scanner: RequestScanner, limit: Int
    ) -> Departure? {
        guard store.count + piece.count <= limit else { return .refused(.requestTooLarge(limit: limit), .refused) }
        do throws(APIError) { try scanner.scan(piece) } catch { return .refused(error, .refused) }
        do throws(SystemError) { try store.append(piece) } catch { return .refused(.storeUnavailable, .refused) }
        return nil
    }

    // MARK: Admit

    /// What goes upstream, once it is known that it may.
    struct Admitted {
        let servedModel: String?
        /// Whether the gateway asks for a stream's usage where the caller did not.
        let asksForUsage: Bool
        let streams: Bool
        /// The `max_tokens` to write into a request that names no bound.
        let outputBound: Int64?
    }

    /// Whether the key's tier allows it, and its limits have room for it.
    @inline(never)
    private func admit(_ key: KeyRecord, _ route: MatchedRoute) throws(Departure) -> Admitted {
        let policies = snapshot.policies
        let asked = facts?.model ?? modelInPath(route) ?? modelInQuery(route)?.model
        let served = asked.map { policies.models.served($0) }
        let streams = facts?.stream ?? false
        record?.modelAsked = asked
        record?.modelServed = served
        record?.streamed = streams
        record?.user = facts?.user ?? namedUser
        record?.tags = namedTags
        do throws(AdmissionRefusal) {
            try policies.admit(
                key, endpoint: route.endpoint.rawValue, model: asked, mayUseAnyModel: mayUseAnyModel(route))
        } catch {
            switch error {
            case .modelNotAllowed: throw .refused(.modelNotAllowed(asked ?? ""), .refused)
            case .modelNotNamed: throw .refused(.modelNotNamed, .refused)
            case .endpointNotAllowed: throw .refused(.endpointNotAllowed(route.endpoint.rawValue), .refused)
            }
        }
        let asksForUsage = streams && route.endpoint.streamsUsage && !(facts?.includeUsage ?? true)
        let outputBound = try reserve(key, route, model: served)
        return Admitted(
            servedModel: served == asked ? nil : served, asksForUsage: asksForUsage, streams: streams,
            outputBound: outputBound)
    }

    /// Whether the model of a request that names none can be any: a batch's lines stand in a file, and what an unknown endpoint
    /// does is unknown.
    private func mayUseAnyModel(_ route: MatchedRoute) -> Bool {
        switch route.endpoint {
        case .realtime: true
        case .batches, .other: RequestMethod(exchange.head) == .other
        default: false
        }
    }

    /// The model in `/v1/realtime?model=…`.
    func modelInQuery(_ route: MatchedRoute) -> QueryModel? {
        guard route.endpoint == .realtime, let query = exchange.head.query else { return nil }
        return exchange.head.fields.withSpan(query) { QueryModel(inQuery: $0) }
    }

    /// The model in `/v1/models/{id}`.
    func modelInPath(_ route: MatchedRoute) -> String? {
        exchange.head.fields.withSpan(exchange.head.path) { route.path.modelID(in: $0) }
    }

    /// Whom the configured header names.
    private var namedUser: String? {
        let fields = exchange.head.fields
        return fields.first(configured: snapshot.userHeader).flatMap { UserName.cleaned(fields.string($0)) }
    }

    /// What the caller calls the request, in `x-propylon-tags`.
    private var namedTags: [String] {
        let fields = exchange.head.fields
        return fields.first("x-propylon-tags").map { UsageTags.cleaned(fields.string($0)) } ?? []
    }

    // MARK: Forward

    /// The upstream's answer, of which no byte has been sent on yet.
    struct UpstreamResponse {
        let exchange: ClientExchange
        /// Whether the gateway asked for usage on its own account.
        let hidesUsage: Bool
        let firstByteAt: Timestamp

        /// Whether the connection speaks another protocol from now on: 101 (Switching Protocols).
        var isSwitch: Bool { @inline(never) get { exchange.head.status == 101 } }
    }

    /// A request as it goes upstream, but for its head, which names the upstream's key.
    final class OutgoingRequest {
        let route: MatchedRoute
        let admitted: Admitted
        let body: ClientRequest.Body
        let bodyLength: Int

        init(_ route: MatchedRoute, _ admitted: Admitted, _ content: (body: ClientRequest.Body, length: Int)) {
            self.route = route
            self.admitted = admitted
            body = content.body
            bodyLength = content.length
        }
    }

    /// Sends it upstream with one of the upstream's keys; with the next one where a key is refused.
    @inline(never)
    private func forward(_ outgoing: OutgoingRequest) async throws(Departure) -> UpstreamResponse {
        try enterJournal()
        let answer: ClientExchange
        do throws(UpstreamFailure) {
            answer = try await snapshot.send(on: exchange.loop) { authorization in
                upstreamRequest(outgoing, authorization: authorization)
            }
        } catch { throw departure(error) }
        return UpstreamResponse(exchange: answer, hidesUsage: outgoing.admitted.asksForUsage, firstByteAt: .now)
    }

    @inline(never)
    private func outgoing(_ body: BodyStore, _ admitted: Admitted, _ route: MatchedRoute) -> OutgoingRequest {
        let edits =
            facts?.edits(
                servedModel: admitted.servedModel, askForUsage: admitted.asksForUsage,
                outputBound: admitted.outputBound) ?? RequestEdits()
        return OutgoingRequest(route, admitted, body.outgoing(edits))
    }

    @inline(never)
    private func upstreamRequest(_ outgoing: OutgoingRequest, authorization: String?) -> ClientRequest {
        let method = RequestMethod(exchange.head)
        let route = outgoing.route
        return ClientRequest(
            head: upstreamHead(
                route, bodyLength: outgoing.bodyLength, authorization: authorization,
                mayCompress: !outgoing.admitted.streams && route.endpoint != .models && object?.isRead != true,
                model: outgoing.admitted.servedModel),
            body: outgoing.body, isHEAD: method == .head, isIdempotent: method.isIdempotent,
            clientSocket: exchange.clientSocket,
            outlivesClient: snapshot.options.onDisconnect == .finish || object?.action == .create)
    }

    /// Notes the request where the death of the process cannot take it, before it can cost anything.
    @inline(never)
    private func enterJournal() throws(Departure) {
        guard let record, let entry = gateway.usage.begin(record) else {
            throw .refused(.storeUnavailable, .refused)
        }
        inFlight = consume entry
    }

    @inline(never)
    func departure(_ failure: UpstreamFailure) -> Departure {
        guard case .of(let error) = failure else { return .refused(.upstreamAuth, .upstreamFailed) }
        return switch error {
        case .unreachable(.timedOut), .unreachable: .refused(.upstreamUnreachable, .upstreamFailed)
        case .tls: .refused(.upstreamTLS, .upstreamFailed)
        case .exhausted: .refused(.overloaded, .refused)
        case .broken, .truncated, .malformed: .refused(.upstreamProtocol, .upstreamFailed)
        case .timedOut: .refused(.upstreamTimeout, .upstreamTimeout)
        case .unreadableBody: .refused(.storeUnavailable, .refused)
        case .clientGone: .clientGone
        }
    }

    // MARK: Refuse

    /// Answers with an error of the gateway's own, if anybody is there to be told.
    @inline(never)
    private func refuse(_ departure: Departure) async {
        guard case .refused(let error, let ending) = departure else { return settle(status: 499, .clientGone) }
        settle(status: error.status, ending)
        await discardSmallBody()
        let answer = ServerResponse(status: error.status, fields: fields(of: error), body: error.body())
        do throws(ExchangeError) { try await exchange.respond(answer) } catch { return }
    }

    /// The head fields of an error, and where its caller stands.
    func fields(of error: APIError) -> [(name: StaticString, value: String)] {
        snapshot.fields(of: error, id: id) + rateFields()
    }

    /// Reads what little is left of a body, so that the connection can be kept: a caller that is told to wait or to use another
    /// model comes back at once.
    private func discardSmallBody() async {
        guard let declared = exchange.declaredBodyLength, declared <= 64 << 10, !exchange.head.expectsContinue else {
            return
        }
        do throws(ExchangeError) { while try await exchange.readBody({ _ in }) {} } catch { return }
    }
}
