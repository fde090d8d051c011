import Scanners

/// A request for a chat or text completion.
struct GenerationRequest {
    let model: String
    let streams: Bool
    let includesUsage: Bool
    /// The bound of the tokens of one choice; at least 1, nil for none.
    let maxTokens: Int?
    /// Choices of the response, from 1 to 2,048.
    let choices: Int
    let promptTokens: Int
    let toolChoice: JSONValue?
    let responseFormat: JSONValue?
    let reasoningTokens: Int
    /// A number from 0 to 63 that depends on the prompt.
    let offset: Int
    private let hasTools: Bool
    private let lastRoleIsTool: Bool

    /// - Parameter takesPrompt: accepts `prompt` in place of `messages`.
    init(_ body: [UInt8], takesPrompt: Bool) throws(SandboxError) {
        let scanner = try JSONScanner(Watch.list, readingObject: body)
        model = try scanner.model(Watch.model)
        streams = scanner.kind(Watch.stream) == .true
        includesUsage = scanner.kind(Watch.includeUsage) == .true
        try Self.checkTemperature(scanner)
        maxTokens = try Self.maxTokens(scanner)

        let prompt = try Prompt(scanner, takesPrompt: takesPrompt)
        promptTokens = prompt.tokens + SandboxText.tokens(ofBytes: scanner.textLength(Watch.toolTexts).utf8Bytes)
        choices = try Self.choices(scanner) * prompt.count
        guard choices <= 2048 else { throw .invalid("Too many prompts: at most 2048 choices", param: "prompt") }
        offset = Int(SandboxText.hash(body[prompt.source]) % 64)

        hasTools = (scanner.found(Watch.tools)?.elements ?? 0) > 0
        lastRoleIsTool = scanner.found(Watch.role)?.text == "tool"
        toolChoice = scanner.found(Watch.toolChoice).flatMap { JSONValue(body[$0.range]) }
        responseFormat = scanner.found(Watch.responseFormat).flatMap { JSONValue(body[$0.range]) }
        reasoningTokens =
            switch scanner.found(Watch.reasoningEffort)?.text {
            case "minimal", "low": 8
            case "medium": 16
            case "high", "xhigh": 32
            default: 0
            }
    }

    /// The first tool, or the tool that `tool_choice` names, with its parameters; nil where the model calls none.
    func tool(in body: [UInt8]) -> (name: String, parameters: JSONValue?)? {
        guard hasTools, !lastRoleIsTool, toolChoice?.string != "none" else { return nil }
        let tools = JSONValue(body)?["tools"]?.array ?? []
        let functions = tools.compactMap { $0["function"] }
        let wanted = toolChoice?["function"]?["name"]?.string
        guard let function = functions.first(where: { wanted == nil || $0["name"]?.string == wanted }),
            let name = function["name"]?.string
        else { return nil }
        return (name, function["parameters"])
    }

    private static func checkTemperature(_ scanner: borrowing JSONScanner) throws(SandboxError) {
        guard let kind = scanner.kind(Watch.temperature), kind != .null else { return }
        guard kind == .number, let value = scanner.found(Watch.temperature)?.text.flatMap(Double.init),
            (0...2).contains(value)
        else { throw .invalid("Invalid parameter 'temperature': must be between 0 and 2", param: "temperature") }
    }

    /// The value of `max_completion_tokens`, or of the older `max_tokens`.
    private static func maxTokens(_ scanner: borrowing JSONScanner) throws(SandboxError) -> Int? {
        var limit: Int?
        for (path, name) in [(Watch.maxTokens, "max_tokens"), (Watch.maxCompletionTokens, "max_completion_tokens")] {
            guard let kind = scanner.kind(path), kind != .null else { continue }
            guard let value = scanner.integer(path), value >= 1 else {
                throw .invalid("Invalid parameter '\(name)': must be an integer of at least 1", param: name)
            }
            limit = Int(clamping: value)
        }
        return limit
    }

    /// The value of `n`: choices of each prompt.
    private static func choices(_ scanner: borrowing JSONScanner) throws(SandboxError) -> Int {
        guard let kind = scanner.kind(Watch.choices), kind != .null else { return 1 }
        guard let value = scanner.integer(Watch.choices), (1...128).contains(value) else {
            throw .invalid("Invalid parameter 'n': must be an integer from 1 to 128", param: "n")
        }
        return Int(value)
    }
}

extension GenerationRequest {
    /// `messages` or `prompt`.
    private struct Prompt {
        let tokens: Int
        /// Prompts that the model completes on their own.
        let count: Int
        /// The place of the member's value in the body.
        let source: Range<Int>

        init(_ scanner: borrowing JSONScanner, takesPrompt: Bool) throws(SandboxError) {
            if let messages = scanner.found(Watch.messages), messages.kind == .array, messages.elements > 0 {
                source = messages.range
                count = 1
                tokens = Self.tokensOfMessages(scanner, count: messages.elements)
            } else if takesPrompt, let prompt = scanner.found(Watch.prompt),
                prompt.kind == .string || prompt.kind == .array
            {
                source = prompt.range
                count = Self.countOfPrompts(scanner)
                tokens = Self.tokensOfPrompts(scanner)
            } else {
                throw .missing(takesPrompt ? "prompt" : "messages")
            }
        }

        /// A token for every four bytes of text, four for each message, sixteen for each part that is not a plain string:
        /// an image counts the same in every size.
        private static func tokensOfMessages(_ scanner: borrowing JSONScanner, count: Int) -> Int {
            let all = scanner.textLength(Watch.content).utf8Bytes
            let inParts = scanner.textLength(Watch.part).utf8Bytes
            let text = all - inParts + scanner.textLength(Watch.partText).utf8Bytes
            let parts = scanner.found(Watch.parts)?.elements ?? 0
            return SandboxText.tokens(ofBytes: text) + 4 * count + 16 * parts
        }

        /// A token for every four bytes of text, or the lengths of token lists.
        private static func tokensOfPrompts(_ scanner: borrowing JSONScanner) -> Int {
            let text = SandboxText.tokens(ofBytes: scanner.textLength(Watch.prompt).utf8Bytes)
            switch scanner.kind(Watch.promptElement) {
            case .number: return scanner.found(Watch.prompts)?.elements ?? 0
            case .array: return text + (scanner.found(Watch.promptElements)?.elements ?? 0)
            default: return text
            }
        }

        private static func countOfPrompts(_ scanner: borrowing JSONScanner) -> Int {
            guard scanner.kind(Watch.prompt) == .array, scanner.kind(Watch.promptElement) != .number else { return 1 }
            return max(1, scanner.found(Watch.prompts)?.elements ?? 1)
        }
    }

    /// Indices of the watched members in `list`.
    private enum Watch {
        static let model = 0
        static let messages = 1
        static let content = 2
        static let part = 3
        static let partText = 4
        static let parts = 5
        static let role = 6
        static let stream = 7
        static let includeUsage = 8
        static let maxTokens = 9
        static let maxCompletionTokens = 10
        static let choices = 11
        static let temperature = 12
        static let tools = 13
        static let toolTexts = 14
        static let toolChoice = 15
        static let responseFormat = 16
        static let reasoningEffort = 17
        static let prompt = 18
        static let prompts = 19
        static let promptElement = 20
        static let promptElements = 21

        static let list = JSONPathSet([
            JSONPath("model"), JSONPath("messages", .count), JSONPath("messages[].content", .textLength),
            JSONPath("messages[].content[]", .textLength), JSONPath("messages[].content[].text", .textLength),
            JSONPath("messages[].content", .count), JSONPath("messages[].role"), JSONPath("stream"),
            JSONPath("stream_options.include_usage"), JSONPath("max_tokens"), JSONPath("max_completion_tokens"),
            JSONPath("n"), JSONPath("temperature"), JSONPath("tools", .count), JSONPath("tools", .textLength),
            JSONPath("tool_choice"), JSONPath("response_format"), JSONPath("reasoning_effort"),
            JSONPath("prompt", .textLength), JSONPath("prompt", .count), JSONPath("prompt[]"),
            JSONPath("prompt[]", .count),
        ])
    }
}
