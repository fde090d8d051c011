/// Writes a response of the Responses API: as one document, or as events.
struct ResponseWriter {
    let id: String
    let messageID: String
    let model: String
    let created: Int64
    let usage: SandboxUsage
    let previousID: String?
    let conversation: String?
    let isStored: Bool

    private var text: String { SandboxText.words(0..<usage.completionTokens) }

    /// The object `response`.
    func object(isComplete: Bool) -> JSONValue {
        let null = JSONValue.null
        return .object([
            ("id", .string(id)), ("object", .string("response")), ("created_at", .number(String(created))),
            ("status", .string(isComplete ? "completed" : "in_progress")), ("error", null),
            ("incomplete_details", null),
            ("instructions", null), ("model", .string(model)), ("output", .array(isComplete ? [message(text)] : [])),
            ("parallel_tool_calls", .bool(true)), ("previous_response_id", previousID.map { .string($0) } ?? null),
            ("conversation", conversation.map { .object([("id", .string($0))]) } ?? null), ("store", .bool(isStored)),
            ("tool_choice", .string("auto")), ("tools", .array([])), ("temperature", .number("1")),
            ("top_p", .number("1")), ("metadata", .object([])), ("usage", isComplete ? usageObject : null),
        ])
    }

    private var usageObject: JSONValue {
        func number(_ value: Int) -> JSONValue { .number(String(value)) }
        return .object([
            ("input_tokens", number(usage.promptTokens)),
            ("input_tokens_details", .object([("cached_tokens", number(0))])),
            ("output_tokens", number(usage.completionTokens)),
            ("output_tokens_details", .object([("reasoning_tokens", number(0))])),
            ("total_tokens", number(usage.promptTokens + usage.completionTokens)),
        ])
    }

    private func message(_ text: String?) -> JSONValue {
        .object([
            ("id", .string(messageID)), ("type", .string("message")), ("role", .string("assistant")),
            ("status", .string(text == nil ? "in_progress" : "completed")),
            ("content", .array(text.map { [part($0)] } ?? [])),
        ])
    }

    private func part(_ text: String) -> JSONValue {
        .object([("type", .string("output_text")), ("text", .string(text)), ("annotations", .array([]))])
    }

    /// The events of a stream, one for each token among them.
    var events: [[UInt8]] {
        var events: [[UInt8]] = []
        func add(_ type: String, _ members: [(name: String, value: JSONValue)]) {
            var json = JSONOutput()
            json.raw("event: ")
            json.raw(type.utf8)
            json.raw("\ndata: ")
            let head: [(name: String, value: JSONValue)] = [
                ("type", .string(type)), ("sequence_number", .number(String(events.count))),
            ]
            JSONValue.object(head + members).append(to: &json)
            json.raw("\n\n")
            events.append(json.bytes)
        }
        let output = (name: "output_index", value: JSONValue.number("0"))
        let place: [(name: String, value: JSONValue)] = [
            ("item_id", .string(messageID)), output, ("content_index", .number("0")),
        ]
        add("response.created", [("response", object(isComplete: false))])
        add("response.output_item.added", [output, ("item", message(nil))])
        add("response.content_part.added", place + [("part", part(""))])
        for token in 0..<usage.completionTokens {
            add("response.output_text.delta", place + [("delta", .string(SandboxText.words(token..<token + 1)))])
        }
        add("response.output_text.done", place + [("text", .string(text))])
        add("response.content_part.done", place + [("part", part(text))])
        add("response.output_item.done", [output, ("item", message(text))])
        add("response.completed", [("response", object(isComplete: true))])
        return events
    }
}
