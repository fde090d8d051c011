/// The output of a model: all choices of a chat or text completion, before they are written as JSON.
struct Generation: Sendable {
    /// The text of a choice, in pieces of one token each.
    enum Content: Sendable {
        /// Words of `SandboxText`, from number `offset` on.
        case words(offset: Int)
        /// Bytes of ASCII, in `pieces` of about the same length.
        case filler(bytes: Int, pieces: Int)
        /// These pieces.
        case pieces([[UInt8]])
    }

    /// A function that the model calls. The content is its arguments.
    struct ToolCall: Sendable {
        var id: String
        var name: String
    }

    var content: Content
    var toolCall: ToolCall?
    var choices: Int
    /// Tokens of reasoning of each choice.
    var reasoningTokens: Int
    /// Pieces of content of each choice.
    var contentTokens: Int
    /// True where `max_tokens` shortened the output.
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

    /// Appends the object `usage`.
    ///
    /// - Parameter tokens: tokens of each choice so far, reasoning first.
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
