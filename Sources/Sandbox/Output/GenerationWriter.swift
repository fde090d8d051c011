/// Writes generations as JSON: as one document, or as events.
struct GenerationWriter: Sendable {
    /// The API, as the format of choices differs.
    enum Form: Sendable { case chat, text }

    let form: Form
    /// The members before `object`: `{"id":…,"created":…,"model":…`, without and with `backend`.
    private let plainStart: [UInt8]
    private let startWithBackend: [UInt8]

    /// - Parameter id: the member `id`; nil leaves it out.
    init(_ form: Form, id: String?, created: Int64, model: String, backend: [UInt8]) {
        self.form = form
        var json = JSONOutput(capacity: 320)
        json.raw("{")
        if let id {
            json.raw(#""id":"#)
            json.string(id)
            json.raw(",")
        }
        json.raw(#""created":"#)
        json.integer(Int(created))
        json.raw(#","model":"#)
        json.string(model)
        plainStart = json.bytes
        json.raw(#","backend":"#)
        json.raw(backend)
        startWithBackend = json.bytes
    }

    // MARK: One document

    /// The body of a response without a stream.
    func document(_ generation: Generation, hasBackend: Bool, hasUsage: Bool) -> [UInt8] {
        var json = JSONOutput(capacity: 512 + generation.tokensPerChoice * generation.choices * 8)
        json.raw(hasBackend ? startWithBackend : plainStart)
        json.raw(
            form == .chat ? #","object":"chat.completion","choices":["# : #","object":"text_completion","choices":["#)
        for choice in 0..<generation.choices {
            if choice > 0 { json.raw(",") }
            json.raw(#"{"index":"#)
            json.integer(choice)
            if form == .chat {
                appendMessage(generation, choice, to: &json)
            } else {
                json.raw(#","logprobs":null,"text":""#)
                generation.appendContent(0..<generation.contentTokens, choice: choice, to: &json)
                json.raw("\"")
            }
            json.raw(#","finish_reason":""#)
            json.raw(generation.finishReason)
            json.raw(#""}"#)
        }
        json.raw("]")
        if hasUsage {
            json.raw(#","usage":"#)
            generation.appendUsage(tokensPerChoice: generation.tokensPerChoice, to: &json)
        }
        json.raw("}")
        return json.bytes
    }

    private func appendMessage(_ generation: Generation, _ choice: Int, to json: inout JSONOutput) {
        json.raw(#","message":{"role":"assistant","content":"#)
        if let call = generation.toolCall {
            json.raw(#"null,"tool_calls":[{"id":"#)
            json.string(call.id)
            json.raw(#","type":"function","function":{"name":"#)
            json.string(call.name)
            json.raw(#","arguments":""#)
            generation.appendContent(0..<generation.contentTokens, choice: choice, to: &json)
            json.raw(#""}}]"#)
        } else {
            json.raw("\"")
            generation.appendContent(0..<generation.contentTokens, choice: choice, to: &json)
            json.raw("\"")
        }
        if generation.reasoningTokens > 0 {
            json.raw(#","reasoning_content":""#)
            generation.appendReasoning(0..<generation.reasoningTokens, to: &json)
            json.raw("\"")
        }
        json.raw("}")
    }

    // MARK: Events

    /// The content of an event.
    enum Delta {
        /// The role of the message.
        case role
        /// The name of the called function.
        case toolName
        /// One token, counted from the first of the reasoning.
        case token(Int)
        /// The end of a choice.
        case finish
    }

    /// The member `usage` of an event.
    enum EventUsage {
        case absent
        case null
        /// The usage of this many tokens of each choice.
        case stated(Int)
    }

    /// Appends the event of one choice.
    func appendEvent(
        _ delta: Delta, choice: Int, of generation: Generation, hasBackend: Bool, usage: EventUsage,
        to json: inout JSONOutput
    ) {
        beginEvent(hasBackend: hasBackend, to: &json)
        json.raw(#"{"index":"#)
        json.integer(choice)
        if form == .chat {
            json.raw(#","delta":{"#)
            appendChatDelta(delta, choice, of: generation, to: &json)
            json.raw("}")
        } else {
            json.raw(#","logprobs":null,"text":""#)
            if case .token(let token) = delta, token >= generation.reasoningTokens {
                let piece = token - generation.reasoningTokens
                generation.appendContent(piece..<piece + 1, choice: choice, to: &json)
            }
            json.raw("\"")
        }
        if case .finish = delta {
            json.raw(#","finish_reason":""#)
            json.raw(generation.finishReason)
            json.raw(#""}"#)
        } else {
            json.raw(#","finish_reason":null}"#)
        }
        endEvent(generation, usage, to: &json)
    }

    /// Appends the event without choices, which has the usage.
    func appendUsageEvent(_ generation: Generation, hasBackend: Bool, to json: inout JSONOutput) {
        beginEvent(hasBackend: hasBackend, to: &json)
        endEvent(generation, .stated(generation.tokensPerChoice), to: &json)
    }

    private func beginEvent(hasBackend: Bool, to json: inout JSONOutput) {
        json.raw("data: ")
        json.raw(hasBackend ? startWithBackend : plainStart)
        json.raw(
            form == .chat
                ? #","object":"chat.completion.chunk","choices":["# : #","object":"text_completion","choices":["#)
    }

    private func endEvent(_ generation: Generation, _ usage: EventUsage, to json: inout JSONOutput) {
        switch usage {
        case .absent: json.raw("]}\n\n")
        case .null: json.raw("],\"usage\":null}\n\n")
        case .stated(let tokens):
            json.raw(#"],"usage":"#)
            generation.appendUsage(tokensPerChoice: tokens, to: &json)
            json.raw("}\n\n")
        }
    }

    private func appendChatDelta(_ delta: Delta, _ choice: Int, of generation: Generation, to json: inout JSONOutput) {
        switch delta {
        case .role:
            json.raw(
                generation.toolCall == nil ? #""role":"assistant","content":"""# : #""role":"assistant","content":null"#
            )
        case .toolName:
            guard let call = generation.toolCall else { return }
            json.raw(#""tool_calls":[{"index":0,"id":"#)
            json.string(call.id)
            json.raw(#","type":"function","function":{"name":"#)
            json.string(call.name)
            json.raw(#","arguments":""}}]"#)
        case .token(let token) where token < generation.reasoningTokens:
            json.raw(#""reasoning_content":""#)
            generation.appendReasoning(token..<token + 1, to: &json)
            json.raw("\"")
        case .token(let token):
            let piece = token - generation.reasoningTokens
            json.raw(
                generation.toolCall == nil ? #""content":""# : #""tool_calls":[{"index":0,"function":{"arguments":""#)
            generation.appendContent(piece..<piece + 1, choice: choice, to: &json)
            json.raw(generation.toolCall == nil ? "\"" : #""}}]"#)
        case .finish: break
        }
    }
}
