import Clocks
import Gateway
import OpenAIAPI
import Policy
import Telemetry

/// Requests as the semantic conventions describe them: a span of a server as of HTTP, and within it one of a client as of generative
/// AI. `config/telemetry.md` lists their attributes.
extension TracedRequest {
    /// The spans of the request: its own, and that of the call upstream. None where its trace is not recorded.
    var spans: [TraceSpan] {
        guard let place, place.isSampled else { return [] }
        let server = TraceSpan(
            serverName, .server, place.server, parent: place.parent, isParentRemote: true, from: entry.startedAt,
            to: end, serverAttributes, hasFailed: hasFailed)
        guard let call else { return [server] }
        let client = TraceSpan(
            clientName, .client, place.client, parent: place.server.span, isParentRemote: false, from: call.sentAt,
            to: max(call.sentAt, end), clientAttributes(call), hasFailed: hasFailed || call.isRefused)
        return [server, client]
    }

    /// The request as metrics count it; nil where no model is called.
    var modelCall: GenAIMetrics.Call? {
        guard let operation = endpoint?.operation else { return nil }
        var measured = GenAIMetrics.Call(operation)
        measured.error = hasFailed || entry.status >= 400 ? errorType : ""
        measured.duration = (end - entry.startedAt).wholeMicroseconds
        measured.responseModel = call?.model ?? ""
        guard let record = entry.record else { return measured }
        measured.requestModel = record.modelServed ?? record.modelAsked ?? ""
        measured.inputTokens = record.units.inputTokens
        measured.outputTokens = record.units.outputTokens
        if record.streamed, let first = record.firstByteAt {
            measured.timeToFirstToken = (first - record.startedAt).wholeMicroseconds
        }
        return measured
    }

    // MARK: Parts

    private var end: Timestamp { entry.startedAt + entry.duration }

    /// True for a failure of the gateway or the upstream. What a client does wrong is no failure of a server.
    private var hasFailed: Bool {
        if entry.status >= 500 { return true }
        return switch entry.record?.ending {
        case .upstreamFailed, .upstreamInterrupted, .upstreamTimeout, .drained, .gatewayDied, .overrun, .cancelled: true
        case .complete, .refused, .clientGone, .idleTimeout, .keyRefused, nil: false
        }
    }

    private var errorType: String { entry.failure?.cause.rawValue ?? String(entry.status) }

    private var method: String { Self.knownMethods.contains(entry.method) ? entry.method : "_OTHER" }

    private static let knownMethods: Set = [
        "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE",
    ]

    private var serverName: String {
        let method = method == "_OTHER" ? "HTTP" : method
        return endpoint.map { "\(method) \($0.route)" } ?? method
    }

    private var serverAttributes: Attributes {
        var attributes = Attributes()
        attributes.add("http.request.method", method)
        attributes.add("http.route", endpoint?.route)
        attributes.add("url.path", entry.path)
        attributes.add("url.scheme", isSecure ? "https" : "http")
        // A client that left before there was a status was sent none.
        attributes.add("http.response.status_code", entry.status == 499 ? nil : Int64(entry.status))
        if hasFailed { attributes.add("error.type", errorType) }
        attributes.add("propylon.request.id", entry.id.description)
        attributes.add("propylon.cause", entry.failure?.cause.rawValue)
        attributes.add("propylon.limit", entry.failure?.limit?.description)
        guard let record = entry.record else { return attributes }
        attributes.add("propylon.key.id", record.keyID)
        attributes.add("propylon.team", record.team)
        attributes.add("propylon.ending", record.ending.rawValue)
        attributes.add("propylon.cost_eur", record.cost.amount, places: 9)
        return attributes
    }

    private var clientName: String {
        guard let operation = endpoint?.operation else { return serverName }
        return entry.record?.modelServed.map { "\(operation) \($0)" } ?? operation
    }

    private func clientAttributes(_ call: UpstreamCall) -> Attributes {
        var attributes = Attributes()
        attributes.add("server.address", call.upstream.host)
        attributes.add("server.port", Int64(call.upstream.port))
        attributes.add("http.response.status_code", call.status.map { Int64($0) })
        if hasFailed || call.isRefused { attributes.add("error.type", errorType) }
        guard let record = entry.record, let operation = endpoint?.operation else { return attributes }
        attributes.add("gen_ai.operation.name", operation)
        attributes.add(GenAI.provider, GenAI.providerName)
        attributes.add("gen_ai.request.model", record.modelServed)
        attributes.add("gen_ai.response.model", call.model)
        attributes.add("gen_ai.response.id", record.upstreamID)
        if record.streamed {
            attributes.add("gen_ai.request.stream", true)
            attributes.add(
                "gen_ai.response.time_to_first_chunk",
                record.firstByteAt.map { ($0 - call.sentAt).wholeMicroseconds }, places: 6)
        }
        for (name, unit) in Self.usage where record.units[unit] > 0 { attributes.add(name, record.units[unit]) }
        attributes.add("propylon.usage.exactness", record.exactness.rawValue)
        return attributes
    }

    private static let usage: [(name: String, unit: Unit)] = [
        ("gen_ai.usage.input_tokens", .inputTokens), ("gen_ai.usage.output_tokens", .outputTokens),
        ("gen_ai.usage.reasoning.output_tokens", .reasoningTokens),
        ("gen_ai.usage.cache_read.input_tokens", .cachedTokens),
    ]
}

extension UpstreamCall {
    /// True where the upstream answered with an error.
    fileprivate var isRefused: Bool { status.map { $0 >= 400 } ?? false }
}

extension Duration {
    /// Microseconds, without the rest; 0 for a negative duration.
    fileprivate var wholeMicroseconds: Int64 { max(0, (Timestamp(microseconds: 0) + self).microseconds) }
}

extension Endpoint {
    /// `http.route`: the endpoint's path, which stands for those below it too.
    fileprivate var route: String { self == .other ? "/v1/{rest}" : "/v1/\(name)" }

    /// `gen_ai.operation.name`; nil where no model is called. The conventions have names for the first three.
    fileprivate var operation: String? {
        switch self {
        case .chatCompletions, .responses, .messages: "chat"
        case .completions: "text_completion"
        case .embeddings: "embeddings"
        case .rerank, .transcriptions, .translations, .speech, .images, .realtime: name
        case .models, .files, .batches, .inputTokens, .storedResponses, .conversations, .tokenCounts, .other: nil
        }
    }
}
