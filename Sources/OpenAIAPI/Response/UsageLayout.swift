/// The members of a response that state usage, in order of precedence.
struct UsageLayout: Sendable {
    var prompt = ["usage.prompt_tokens"]
    var completion: [String] = []
    var total = ["usage.total_tokens"]
    var reasoning: [String] = []
    var cached: [String] = []
    /// Cohere's billed search units.
    var searchUnits: [String] = []
    /// The duration of the audio, in seconds.
    var seconds: [String] = []

    /// Input and output tokens, under OpenAI's names and those of servers that state reasoning at the top level.
    static let generation = UsageLayout(
        completion: ["usage.completion_tokens"],
        reasoning: ["usage.reasoning_tokens", "usage.completion_tokens_details.reasoning_tokens"],
        cached: ["usage.prompt_tokens_details.cached_tokens"])

    static let inputTokens = UsageLayout()

    static let rerank = UsageLayout(
        searchUnits: ["usage.billed_units.search_units", "meta.billed_units.search_units"])

    static let audio = UsageLayout(seconds: ["duration", "usage.seconds", "segments[].end"])

    /// Tokens under all known names, for endpoints that are only forwarded. Their streams nest the response in an
    /// event.
    static let any = UsageLayout(
        prompt: inUsage("prompt_tokens", "input_tokens"),
        completion: inUsage("completion_tokens", "output_tokens"),
        total: inUsage("total_tokens"),
        reasoning: inUsage(
            "reasoning_tokens", "completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens"),
        cached: inUsage("prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens"))

    private static func inUsage(_ names: String...) -> [String] {
        ["usage", "response.usage"].flatMap { object in names.map { "\(object).\($0)" } }
    }
}
