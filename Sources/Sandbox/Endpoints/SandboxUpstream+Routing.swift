/// The paths of the API.
extension SandboxUpstream {
    typealias Responder = (Call) throws(SandboxError) -> SandboxResponse

    func route(_ call: Call) throws(SandboxError) -> SandboxResponse {
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
        case "/v1/responses": return try post(call, createResponse)
        case "/v1/models": return try get(call, listModels)
        case "/v1/realtime": return try get(call, realtime)
        case "/sandbox/usage": return try get(call, showUsage)
        default: return try routeBelow(call)
        }
    }

    /// Routes paths that hold an id, which may have escaped slashes.
    private func routeBelow(_ call: Call) throws(SandboxError) -> SandboxResponse {
        let path = call.request.path
        guard path.hasPrefix("/v1/") else { throw Self.noSuchPath(call) }
        let rest = path.dropFirst(4)
        if rest.hasPrefix("models/") {
            let id = rest.dropFirst(7).percentDecoded
            return try get(call) { call throws(SandboxError) in try showModel(id, call) }
        }
        let segments = rest.split(separator: "/", omittingEmptySubsequences: false).map(\.percentDecoded)
        switch (segments[0], segments.count) {
        case ("files", 1...3): return try routeFiles(segments, call)
        case ("batches", 1...3): return try routeBatches(segments, call)
        case ("responses", 2...3): return try routeResponses(segments, call)
        case ("conversations", 1...3): return try routeConversations(segments, call)
        default: throw Self.noSuchPath(call)
        }
    }

    private static func noSuchPath(_ call: Call) -> SandboxError {
        .notFound("Invalid URL (\(call.request.method) \(call.request.path.prefix(200)))")
    }

    func post(_ call: Call, _ respond: Responder) throws(SandboxError) -> SandboxResponse {
        guard call.request.method == "POST" else { throw .methodNotAllowed("POST") }
        return try respond(call)
    }

    func get(_ call: Call, _ respond: Responder) throws(SandboxError) -> SandboxResponse {
        guard call.request.method == "GET" || call.request.method == "HEAD" else {
            throw .methodNotAllowed("GET, HEAD")
        }
        return try respond(call)
    }
}
