/// What a model has made for a request: all choices of a chat or a completion, not yet written down.
struct Generation: Sendable {
    /// The text of a choice, in pieces of one token each.
    enum Content: Sendable {
        /// `SandboxText`'s words from that one on.
        case words(offset: Int)
        /// So many bytes in so many pieces.
        case filler(bytes: Int, pieces: Int)
        /// Given pieces.
        case pieces([[UInt8]])
    }

    /// A function that the model wants called; the content is then its arguments.
    struct ToolCall: Sendable {
        var id: String
        var name: String
    }

    var content: Content
    var toolCall: ToolCall?
    var choices: Int
    /// Of each choice.
    var reasoningTokens: Int
    /// Pieces of content, of each choice.
    var contentTokens: Int
    /// Whether `max_tokens` cut it.
    var isCut: Bool
    var promptTokens: Int
    var cachedTokens: Int?

    var tokensPerChoice: Int { reasoningTokens + contentTokens }

    var finishReason: StaticString { isCut ? "length" : toolCall == nil ? "stop" : "tool_calls" }

    /// Appends the pieces in `range` of `choice`, escaped for a JSON string.
    func appendContent(_ range: Range<Int>, choice: Int, to json: inout JSONOutput) {
        switch content {
        case .words(let offset): SandboxText.appendWords(range, offset: offset + choice, to: &json.bytes)
        case .filler(let bytes, let pieces):
            guard pieces > 0 else { return }
            SandboxText.appendFiller(
                bytes * range.lowerBound / pieces..<bytes * range.upperBound / pieces, to: &json.bytes)
        case .pieces(let pieces): for piece in pieces[range] { json.escaped(piece) }
        }
    }

    /// Appends pieces of reasoning.
    func appendReasoning(_ range: Range<Int>, to json: inout JSONOutput) {
        SandboxText.appendWords(range, offset: 7, to: &json.bytes)
    }

    /// Appends `{"prompt_tokens":…}` for `tokens` of each choice, of which the first are reasoning.
    func appendUsage(tokensPerChoice tokens: Int, to json: inout JSONOutput) {
        let reasoning = min(tokens, reasoningTokens) * choices
        json.raw(#"{"completion_tokens":"#)
        json.integer(tokens * choices)
        json.raw(#","prompt_tokens":"#)
        json.integer(promptTokens)
        json.raw(#","reasoning_tokens":"#)
        json.integer(reasoning)
        json.raw(#","total_tokens":"#)
        json.integer(promptTokens + tokens * choices)
        if let cachedTokens {
            json.raw(#","prompt_tokens_details":{"cached_tokens":"#)
            json.integer(cachedTokens)
            json.raw("}")
        }
        json.raw("}")
    }
}
