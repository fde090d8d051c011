/// `POST /v1/chat/completions` and `POST /v1/completions`.
extension SandboxUpstream {
    /// Tokens of a choice by default.
    private static let defaultTokens = 64
    /// The most tokens of all choices of a response.
    private static let tokenLimit = 20_000_000

    func chat(_ call: Call) throws(SandboxError) -> SandboxResponse { try generate(.chat, call) }

    func textCompletion(_ call: Call) throws(SandboxError) -> SandboxResponse { try generate(.text, call) }

    private func generate(_ form: GenerationWriter.Form, _ call: Call) throws(SandboxError) -> SandboxResponse {
        let request = try GenerationRequest(call.request.body, takesPrompt: form == .text)
        let (_, behaviour) = try model(request.model, streams: request.streams)
        guard !(request.streams && call.isBatch) else {
            throw .invalid("A line of a batch cannot be streamed.", param: "stream")
        }
        if form == .chat, behaviour.isStrict { try StrictChat.check(call.request.body) }
        let generation = try generation(request, behaviour, form, call)
        let id = id(form == .chat ? "chatcmpl-" : "cmpl-", call.number)
        let writer = GenerationWriter(
            form, id: behaviour.backend == .none ? nil : id, created: options.clock(), model: request.model,
            backend: backendBytes)

        var usage = SandboxUsage()
        usage.promptTokens = generation.promptTokens
        usage.cachedTokens = generation.cachedTokens ?? 0
        defer { bill(usage, call, model: request.model, behaviour) }
        guard request.streams else {
            usage.completionTokens = generation.tokensPerChoice * generation.choices
            usage.reasoningTokens = generation.reasoningTokens * generation.choices
            let document = writer.document(
                generation, hasBackend: behaviour.hasBodyIdentity || behaviour.backend == .firstEvent,
                hasUsage: behaviour.usage != .none)
            return deliver(document, id: id, behaviour, to: call)
        }
        let events = EventSource(writer, generation, behaviour, includesUsage: request.includesUsage)
        usage.completionTokens = events.sentTokens
        usage.reasoningTokens = min(events.sentTokens, generation.reasoningTokens * generation.choices)
        return deliver(.events(events), type: "text/event-stream", id: id, behaviour, to: call)
    }

    private func generation(
        _ request: GenerationRequest, _ behaviour: Behaviour, _ form: GenerationWriter.Form, _ call: Call
    ) throws(SandboxError) -> Generation {
        var toolCall: Generation.ToolCall?
        let content: Generation.Content
        var contentTokens: Int
        if form == .chat, let tool = Self.nextCall(request, behaviour, call.request.body) {
            toolCall = Generation.ToolCall(id: id("call_", call.number), name: tool.name)
            (content, contentTokens) = Self.pieces(of: tool.arguments)
        } else if form == .chat, let document = Self.document(of: request.responseFormat) {
            (content, contentTokens) = Self.pieces(of: document)
        } else if let size = behaviour.size {
            contentTokens = behaviour.tokens ?? SandboxText.tokens(ofBytes: size)
            content = .filler(bytes: size, pieces: contentTokens)
        } else {
            contentTokens = behaviour.tokens ?? Self.defaultTokens
            content = .words(offset: request.offset)
        }
        var reasoning = behaviour.reasoning ?? request.reasoningTokens
        var isCut = false
        if let limit = request.maxTokens, limit < reasoning + contentTokens {
            isCut = true
            reasoning = min(reasoning, limit)
            contentTokens = limit - reasoning
        }
        guard (reasoning + contentTokens) * request.choices <= Self.tokenLimit else {
            throw .invalid("The sandbox makes at most \(Self.tokenLimit) tokens a response.", param: "n")
        }
        return Generation(
            content: content, toolCall: toolCall, choices: request.choices, reasoningTokens: reasoning,
            contentTokens: contentTokens, isCut: isCut, promptTokens: behaviour.promptTokens ?? request.promptTokens,
            cachedTokens: behaviour.cachedTokens)
    }

    /// The tool that the model calls, and its arguments; nil where it calls none.
    private static func nextCall(
        _ request: GenerationRequest, _ behaviour: Behaviour, _ body: [UInt8]
    ) -> (name: String, arguments: JSONValue)? {
        if behaviour.isAgent { return JSONValue(body).flatMap { AgentScript.nextCall(in: $0) } }
        return request.tool(in: body).map { ($0.name, SchemaSample.value($0.parameters)) }
    }

    /// The document that `response_format` requests.
    private static func document(of format: JSONValue?) -> JSONValue? {
        switch format?["type"]?.string {
        case "json_object": .object([("sandbox", .string(SandboxText.words(0..<8)))])
        case "json_schema": SchemaSample.value(format?["json_schema"]?["schema"])
        default: nil
        }
    }

    /// The JSON of `value` in pieces of about four bytes. No piece splits a character.
    private static func pieces(of value: JSONValue) -> (Generation.Content, count: Int) {
        var json = JSONOutput()
        value.append(to: &json)
        var pieces: [[UInt8]] = []
        var piece: [UInt8] = []
        for byte in json.bytes {
            let continuesCharacter = byte & 0xC0 == 0x80
            if piece.count >= 4, !continuesCharacter {
                pieces.append(piece)
                piece = []
            }
            piece.append(byte)
        }
        pieces.append(piece)
        return (.pieces(pieces), pieces.count)
    }
}
