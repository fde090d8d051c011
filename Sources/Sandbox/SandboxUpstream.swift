import Synchronization

/// A stand-in for the upstream that `UPSTREAM.md` describes: requests in, plans of answers out, without a socket.
///
/// What it answers is determined by the request, by how many came before (ids, files) and by its options. It reads requests
/// by itself, not through the gateway's scanners of requests, so that a misreading there shows.
package final class SandboxUpstream: Sendable {
    let options: SandboxOptions
    /// The JSON of its `backend`.
    let backend: String
    let backendBytes: [UInt8]
    let store: Mutex<SandboxStore>
    private let idPrefix: String
    private let requestCount = Atomic<Int>(0)
    private let minuteSeen = Atomic<Int>(0)
    private let countBeforeMinute = Atomic<Int>(0)
    private let billed = Mutex<[SandboxPayer: SandboxUsage]>([:])

    /// How many payers are told apart; those that come later share one with an empty name.
    private static let payerLimit = 10_000

    /// A sandbox that has seen nothing.
    package init(options: SandboxOptions = SandboxOptions()) {
        self.options = options
        var json = JSONOutput()
        json.raw(#"{"engine_type":"#)
        json.string(options.engineType)
        json.raw(#","machine_name":"#)
        json.string(options.machineName)
        json.raw("}")
        backendBytes = json.bytes
        backend = String(decoding: json.bytes, as: UTF8.self)
        idPrefix = Self.hexadecimal(UInt64(options.seed), digits: 8)
        store = Mutex(SandboxStore(byteLimit: options.storedBytes, itemLimit: options.storedItems))
    }

    /// What was billed so far, to whom and for which model.
    package var totals: [SandboxPayer: SandboxUsage] { billed.withLock { $0 } }

    /// All that was billed so far.
    package var total: SandboxUsage { totals.values.reduce(SandboxUsage(), +) }

    /// The answer to `request`.
    package func answer(to request: SandboxRequest) -> SandboxAnswer {
        answer(to: request, isBatch: false)
    }

    func answer(to request: SandboxRequest, isBatch: Bool) -> SandboxAnswer {
        let number = requestCount.add(1, ordering: .relaxed).newValue
        let call = Call(request: request, number: number, isBatch: isBatch)
        do throws(SandboxRefusal) {
            try authorize(request)
            return try route(call)
        } catch { return refusal(error, to: call) }
    }

    private func authorize(_ request: SandboxRequest) throws(SandboxRefusal) {
        guard let value = request.authorization, value.count > 7, value.prefix(7).lowercased() == "bearer " else {
            throw .unauthorized
        }
        if let key = options.apiKey, value.dropFirst(7) != key { throw .unauthorized }
    }

    private func route(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer {
        switch call.request.path {
        case "/v1/chat/completions": return try post(call, chat)
        case "/v1/completions": return try post(call, textCompletion)
        case "/v1/embeddings": return try post(call, embeddings)
        case "/v1/rerank": return try post(call, rerankV1)
        case "/v2/rerank": return try post(call, rerankV2)
        case "/v1/audio/transcriptions": return try post(call, transcription)
        case "/v1/audio/translations": return try post(call, translation)
        case "/v1/audio/speech": return try post(call, speech)
        case "/v1/images/generations": return try post(call, images)
        case "/v1/models": return try get(call, listModels)
        case "/v1/realtime": return try get(call, realtime)
        case "/sandbox/usage": return try get(call, showUsage)
        default: return try routeBelow(call)
        }
    }

    /// Paths with an id in them, which may hold escaped slashes.
    private func routeBelow(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer {
        let path = call.request.path
        guard path.hasPrefix("/v1/") else {
            throw .notFound("Invalid URL (\(call.request.method) \(path.prefix(200)))")
        }
        let rest = path.dropFirst(4)
        if rest.hasPrefix("models/") {
            let id = PercentCoding.decode(rest.dropFirst(7))
            return try get(call) { call throws(SandboxRefusal) in try showModel(id, call) }
        }
        let segments = rest.split(separator: "/", omittingEmptySubsequences: false).map(PercentCoding.decode)
        switch (segments[0], segments.count) {
        case ("files", 1...3): return try routeFiles(segments, call)
        case ("batches", 1...3): return try routeBatches(segments, call)
        default: throw .notFound("Invalid URL (\(call.request.method) \(path.prefix(200)))")
        }
    }

    typealias Responder = (Call) throws(SandboxRefusal) -> SandboxAnswer

    func post(_ call: Call, _ respond: Responder) throws(SandboxRefusal) -> SandboxAnswer {
        guard call.request.method == "POST" else { throw .methodNotAllowed("POST") }
        return try respond(call)
    }

    func get(_ call: Call, _ respond: Responder) throws(SandboxRefusal) -> SandboxAnswer {
        guard call.request.method == "GET" || call.request.method == "HEAD" else {
            throw .methodNotAllowed("GET, HEAD")
        }
        return try respond(call)
    }

    // MARK: What endpoints need

    /// How many requests this minute has seen, about: what the rate-limit headers count down.
    func requestsThisMinute(_ now: Int64) -> Int {
        let minute = Int(now / 60)
        let count = requestCount.load(ordering: .relaxed)
        if minuteSeen.exchange(minute, ordering: .relaxed) != minute {
            countBeforeMinute.store(count - 1, ordering: .relaxed)
        }
        return max(0, count - countBeforeMinute.load(ordering: .relaxed))
    }

    /// A request on its way to its answer.
    struct Call {
        let request: SandboxRequest
        let number: Int
        let isBatch: Bool
    }

    /// An id of this sandbox, as `chatcmpl-00000000000000000000002a`.
    func id(_ prefix: String, _ number: Int) -> String {
        prefix + idPrefix + Self.hexadecimal(UInt64(number), digits: 16)
    }

    /// What `name` stands for, and how it is to answer; refuses where it asks for that.
    ///
    /// - Parameter streams: whether events will be sent, in which an error has its place.
    func model(_ name: String, streams: Bool = false) throws(SandboxRefusal) -> (SandboxModel, Behaviour) {
        guard let behaviour = try Behaviour(modelName: name) else {
            guard let model = SandboxModel.named(name) else { throw .unknownModel(name) }
            return (model, .standard)
        }
        var status: Int?
        if case .status(let asked) = behaviour.fault { status = asked }
        if behaviour.fault == .errorEvent, !streams { status = 500 }
        if let status {
            var refusal = SandboxRefusal.asked(status)
            refusal.behaviour = behaviour
            throw refusal
        }
        return (.sandbox, behaviour)
    }

    /// Notes what an answer costs.
    func bill(_ usage: SandboxUsage, _ call: Call, model: String, _ behaviour: Behaviour) {
        guard behaviour.fault != .stallBefore, behaviour.fault != .cutBefore else { return }
        var usage = usage
        usage.requests = 1
        var payer = SandboxPayer(authorization: call.request.authorization ?? "", model: model, isBatch: call.isBatch)
        billed.withLock { totals in
            if totals.count >= Self.payerLimit, totals[payer] == nil {
                payer = SandboxPayer(authorization: "", model: "", isBatch: call.isBatch)
            }
            let sum = (totals[payer] ?? SandboxUsage()) + usage
            totals[payer] = sum
        }
    }

    private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        String(unsafeUninitializedCapacity: digits) { buffer in
            for index in 0..<digits {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64(4 * (digits - 1 - index))) & 15
                buffer[index] = digit < 10 ? 0x30 + digit : 0x57 + digit
            }
            return digits
        }
    }
}
