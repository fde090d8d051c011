/// `POST /v1/responses` and what is stored of it: as much of the Responses API as tests of its passage need. Text in, text out; no tools.
extension SandboxUpstream {
    /// Tokens of a response by default.
    private static let defaultTokens = 16
    private static let tokenLimit = 1_000_000

    func createResponse(_ call: Call) throws(SandboxError) -> SandboxResponse {
        let body = try JSONValue(object: call.request.body)
        let name = try body.modelName()
        let streams = body["stream"]?.bool ?? false
        let (_, behaviour) = try model(name, streams: streams)
        guard let input = body["input"] else { throw .missing("input") }
        var context = input.text + (body["instructions"]?.text ?? "")
        if let id = body["previous_response_id"]?.string {
            let previous = try store.withLock { store throws(SandboxError) in try store.response(id) }
            context += previous.input.text + previous.object.text
        }
        let conversation = body["conversation"]?.string ?? body["conversation"]?["id"]?.string
        if let conversation {
            _ = try store.withLock { store throws(SandboxError) in try store.conversation(conversation) }
        }
        let bound = body["max_output_tokens"]?.integer ?? Self.tokenLimit
        let tokens = min(behaviour.tokens ?? Self.defaultTokens, bound, Self.tokenLimit)
        var usage = SandboxUsage()
        usage.promptTokens = SandboxText.tokens(ofBytes: context.utf8.count)
        usage.completionTokens = tokens
        bill(usage, call, model: name, behaviour)

        let id = id("resp_", call.number)
        let writer = ResponseWriter(
            id: id, messageID: self.id("msg_", call.number), model: name, created: options.clock(), usage: usage,
            previousID: body["previous_response_id"]?.string, conversation: conversation,
            isStored: body["store"]?.bool ?? true)
        if writer.isStored {
            store.withLock {
                $0.add(SandboxStore.Response(id: id, object: writer.object(isComplete: true), input: input))
            }
        }
        guard streams else {
            var json = JSONOutput()
            writer.object(isComplete: true).append(to: &json)
            return deliver(json.bytes, id: id, behaviour, to: call)
        }
        return deliver(pieces: writer.events, type: "text/event-stream", id: id, behaviour, to: call)
    }

    func routeResponses(_ segments: [String], _ call: Call) throws(SandboxError) -> SandboxResponse {
        let response = try store.withLock { store throws(SandboxError) in try store.response(segments[1]) }
        switch (call.request.method, segments.count == 3 ? segments[2] : "") {
        case ("GET", ""): return deliver(response.object, call)
        case ("DELETE", ""):
            store.withLock { $0.removeResponse(response.id) }
            return deliver(Self.deletion(of: response.id, "response"), call)
        case ("POST", "cancel"): throw .invalid("Only responses in the background can be cancelled.")
        case ("GET", "input_items"):
            let item = JSONValue.object([
                ("id", .string("\(response.id)-input")), ("type", .string("message")), ("role", .string("user")),
                ("content", response.input),
            ])
            return deliver(list([("\(response.id)-input", item)], hasMore: false), call)
        default: throw .notFound("Invalid URL")
        }
    }

    func routeConversations(_ segments: [String], _ call: Call) throws(SandboxError) -> SandboxResponse {
        if segments.count == 1 {
            return try post(call) { call throws(SandboxError) in
                let made = id("conv_", call.number)
                store.withLock { $0.addConversation(made) }
                return deliver(Self.conversation(made), call)
            }
        }
        let known = try store.withLock { store throws(SandboxError) in try store.conversation(segments[1]) }
        switch (call.request.method, segments.count) {
        case ("GET", 2), ("POST", 2): return deliver(Self.conversation(known), call)
        case ("DELETE", 2):
            store.withLock { $0.removeConversation(known) }
            return deliver(Self.deletion(of: known, "conversation.deleted"), call)
        case ("GET", 3): return deliver(list([], hasMore: false), call)
        default: throw .notFound("Invalid URL")
        }
    }

    private static func conversation(_ id: String) -> JSONValue {
        .object([
            ("id", .string(id)), ("object", .string("conversation")), ("created_at", .number("0")),
            ("metadata", .object([])),
        ])
    }

    private static func deletion(of id: String, _ object: String) -> JSONValue {
        .object([("id", .string(id)), ("object", .string(object)), ("deleted", .bool(true))])
    }
}

extension JSONValue {
    /// The value as JSON, whose bytes count as its text.
    fileprivate var text: String {
        var json = JSONOutput()
        append(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
