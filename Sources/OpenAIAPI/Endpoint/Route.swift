import Bytes

/// Where a request belongs.
package enum Route: Equatable, Sendable {
    /// To `endpoint`, and upstream to `upstreamPath`.
    case endpoint(Endpoint, upstreamPath: UpstreamPath)
    /// To a known path that does not take this method. `allow` is the value of the header of that name.
    case methodNotAllowed(allow: String)
    /// To nothing that is served, or to a path that two servers could read differently.
    case unknown
}

/// The endpoint of a request with `method` and `path` as they were written: the path with its percent-encoding, without
/// the query.
///
/// Below `/v1/` every path is served, and `/v2/rerank`. A path that is not spelled as the endpoint it could be taken for
/// (`/v1/chat//completions`, `/v1/%63ompletions`), or that may lead out of `/v1/` (`/v1/..%2Fadmin`), is unknown: the
/// upstream might read it as another one than the gateway does. Nothing is allocated for an endpoint without an id.
package func route(method: Span<UInt8>, path: Span<UInt8>) -> Route {
    if let fixed = FixedPath(path) {
        guard fixed.methods.contains(method) else { return .methodNotAllowed(allow: fixed.methods.allow) }
        return .endpoint(fixed.endpoint, upstreamPath: UpstreamPath(fixed.form))
    }
    guard let (endpoint, methods, modelID) = variablePath(path) else { return .unknown }
    guard methods.contains(method) else { return .methodNotAllowed(allow: methods.allow) }
    return .endpoint(endpoint, upstreamPath: UpstreamPath(.asWritten, modelID: modelID))
}

/// The paths without an id in them.
private enum FixedPath {
    case inference(Endpoint, UpstreamPath.Form)
    case models, files, batches, realtime

    init?(_ path: Span<UInt8>) {
        // The length tells nearly all of them apart, so that one or two comparisons are made.
        switch path.count {
        case 9 where path.equals("/v1/files"): self = .files
        case 10 where path.equals("/v1/models"): self = .models
        case 10 where path.equals("/v1/rerank"): self = .inference(.rerank, .asWritten)
        case 10 where path.equals("/v2/rerank"): self = .inference(.rerank, .asWritten)
        case 11 where path.equals("/v1/batches"): self = .batches
        case 12 where path.equals("/v1/realtime"): self = .realtime
        case 13 where path.equals("/v1/v1/rerank"): self = .inference(.rerank, .rerankV1)
        case 13 where path.equals("/v1/v2/rerank"): self = .inference(.rerank, .rerankV2)
        case 14 where path.equals("/v1/embeddings"): self = .inference(.embeddings, .asWritten)
        case 15 where path.equals("/v1/completions"): self = .inference(.completions, .asWritten)
        case 16 where path.equals("/v1/audio/speech"): self = .inference(.speech, .asWritten)
        case 20 where path.equals("/v1/chat/completions"): self = .inference(.chatCompletions, .asWritten)
        case 22 where path.equals("/v1/images/generations"): self = .inference(.images, .asWritten)
        case 22 where path.equals("/v1/audio/translations"): self = .inference(.translations, .asWritten)
        case 24 where path.equals("/v1/audio/transcriptions"): self = .inference(.transcriptions, .asWritten)
        default: return nil
        }
    }

    var endpoint: Endpoint {
        switch self {
        case .inference(let endpoint, _): endpoint
        case .models: .models
        case .files: .files
        case .batches: .batches
        case .realtime: .realtime
        }
    }

    var form: UpstreamPath.Form { if case .inference(_, let form) = self { form } else { .asWritten } }

    var methods: MethodSet {
        switch self {
        case .inference: .post
        case .models, .realtime: [.get, .head]
        case .files, .batches: [.get, .head, .post]
        }
    }
}

/// The paths with an id in them, and all others below `/v1/`.
private func variablePath(_ path: Span<UInt8>) -> (Endpoint, MethodSet, modelID: Range<Int>?)? {
    guard path.count > 4, path.hasPrefix("/v1/"), let reading = PathReading(path) else { return nil }
    if path.hasPrefix("/v1/models/") {
        // A model's id may hold slashes, escaped or not.
        guard reading.segments.dropFirst().allSatisfy({ !$0.isEmpty }) else { return nil }
        return (.models, [.get, .head], 11..<path.count)
    }
    guard !reading.isAmbiguous else { return nil }
    let segments = reading.segments
    switch (segments[0], segments.count) {
    case ("files", 2): return (.files, [.get, .head, .delete], nil)
    case ("files", 3) where segments[2] == "content": return (.files, [.get, .head], nil)
    case ("batches", 2): return (.batches, [.get, .head], nil)
    case ("batches", 3) where segments[2] == "cancel": return (.batches, .post, nil)
    case ("realtime", _): return (.realtime, .any, nil)
    default: return (.other, .any, nil)
    }
}
