import Scanners

/// What a request for a chat or a completion asks, read without a tree.
struct GenerationRequest {
    var model: String
    var streams: Bool
    var includesUsage: Bool
    var maxTokens: Int?
    var choices: Int
    var promptTokens: Int
    var hasTools: Bool
    var lastRoleIsTool: Bool
    var toolChoice: JSONValue?
    var responseFormat: JSONValue?
    var reasoningTokens: Int
    /// Depends on the prompt.
    var offset: Int

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

    /// - Parameter takesPrompt: whether `prompt` may stand for `messages`.
    init(_ body: [UInt8], takesPrompt: Bool) throws(SandboxRefusal) {
        var scanner = JSONScanner(Watch.list)
        do throws(JSONError) {
            try scanner.scan(body.span)
            try scanner.finish()
        } catch { throw .invalid(error.message) }
        guard scanner.topLevel == .object else { throw .invalid("The body must be a JSON object.") }
        guard let model = scanner.found(Watch.model)?.text, !model.isEmpty else { throw .missing("model") }
        self.model = model
        streams = scanner.kind(Watch.stream) == .true
        includesUsage = scanner.kind(Watch.includeUsage) == .true
        try Self.checkTemperature(scanner)

        var limit: Int?
        for (path, name) in [(Watch.maxTokens, "max_tokens"), (Watch.maxCompletionTokens, "max_completion_tokens")] {
            guard let kind = scanner.kind(path), kind != .null else { continue }
            guard let value = scanner.integer(path), value >= 1 else {
                throw .invalid("Invalid parameter '\(name)': must be an integer of at least 1", param: name)
            }
            limit = Int(value)
        }
        maxTokens = limit

        var asked = 1
        if let kind = scanner.kind(Watch.choices), kind != .null {
            guard let value = scanner.integer(Watch.choices), (1...128).contains(value) else {
                throw .invalid("Invalid parameter 'n': must be an integer from 1 to 128", param: "n")
            }
            asked = Int(value)
        }

        var tokens: Int
        let source: JSONMatch
        if let messages = scanner.found(Watch.messages), messages.kind == .array, messages.elements > 0 {
            source = messages
            tokens = Self.tokensOfMessages(scanner, count: messages.elements)
        } else if takesPrompt, let prompt = scanner.found(Watch.prompt), prompt.kind == .string || prompt.kind == .array
        {
            source = prompt
            tokens = Self.tokensOfPrompts(scanner)
            asked *= Self.countOfPrompts(scanner)
        } else {
            throw .missing(takesPrompt ? "prompt" : "messages")
        }
        tokens += SandboxText.tokens(ofBytes: scanner.textLength(Watch.toolTexts).utf8Bytes)
        promptTokens = tokens
        choices = asked
        guard choices <= 2048 else { throw .invalid("Too many prompts: at most 2048 answers", param: "prompt") }
        offset = Int(SandboxText.hash(body[source.range]) % 64)

        hasTools = (scanner.found(Watch.tools)?.elements ?? 0) > 0
        lastRoleIsTool = scanner.found(Watch.role)?.text == "tool"
        func tree(_ path: Int) -> JSONValue? { scanner.found(path).flatMap { JSONValue(body[$0.range]) } }
        toolChoice = tree(Watch.toolChoice)
        responseFormat = tree(Watch.responseFormat)
        switch scanner.found(Watch.reasoningEffort)?.text {
        case "minimal", "low": reasoningTokens = 8
        case "medium": reasoningTokens = 16
        case "high", "xhigh": reasoningTokens = 32
        default: reasoningTokens = 0
        }
    }

    /// The first tool, or the one that `tool_choice` names, with its parameters; nil where none is to be called.
    func tool(in body: [UInt8]) -> (name: String, parameters: JSONValue?)? {
        guard hasTools, !lastRoleIsTool, toolChoice?.string != "none" else { return nil }
        let tools = JSONValue(body)?["tools"]?.array ?? []
        let functions = tools.compactMap { $0["function"] }
        let asked = toolChoice?["function"]?["name"]?.string
        guard let function = functions.first(where: { asked == nil || $0["name"]?.string == asked }),
            let name = function["name"]?.string
        else { return nil }
        return (name, function["parameters"])
    }

    /// One token for every four bytes of text begun, four for each message, sixteen for each part that is not a plain
    /// string: images weigh the same whatever their size.
    private static func tokensOfMessages(_ scanner: borrowing JSONScanner, count: Int) -> Int {
        let all = scanner.textLength(Watch.content).utf8Bytes
        let inParts = scanner.textLength(Watch.part).utf8Bytes
        let text = all - inParts + scanner.textLength(Watch.partText).utf8Bytes
        let parts = scanner.found(Watch.parts)?.elements ?? 0
        return SandboxText.tokens(ofBytes: text) + 4 * count + 16 * parts
    }

    /// Of text as above; of token lists their lengths.
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

    private static func checkTemperature(_ scanner: borrowing JSONScanner) throws(SandboxRefusal) {
        guard let kind = scanner.kind(Watch.temperature), kind != .null else { return }
        guard kind == .number, let value = scanner.found(Watch.temperature)?.text.flatMap(Double.init),
            (0...2).contains(value)
        else { throw .invalid("Invalid parameter 'temperature': must be between 0 and 2", param: "temperature") }
    }
}
