/// The members of a response that state usage, in order of precedence.
struct UsageLayout: Sendable {
    /// The counts that the endpoint is billed by.
    var basis = UpstreamUsage.Basis.tokens
    /// Input tokens, cached ones among them.
    var prompt: [String] = []
    /// Input tokens, to which `besideInput` is added where it is stated.
    var input: [String] = []
    /// Input tokens read from a cache or written to it. All are added up.
    var besideInput: [String] = []
    var output: [String] = []
    var total: [String] = []
    var reasoning: [String] = []
    var cached: [String] = []
    /// Cohere's billed search units.
    var searchUnits: [String] = []
    /// The duration of the audio, in seconds.
    var seconds: [String] = []

    /// Input and output tokens, under OpenAI's names and those of servers that state reasoning at the top level.
    static let generation = UsageLayout(
        prompt: ["usage.prompt_tokens"], input: ["usage.input_tokens"],
        output: ["usage.completion_tokens", "usage.output_tokens"], total: ["usage.total_tokens"],
        reasoning: ["usage.reasoning_tokens", "usage.completion_tokens_details.reasoning_tokens"],
        cached: ["usage.prompt_tokens_details.cached_tokens"])

    /// Input tokens under all names that servers of embeddings and rerankers use.
    static let inputTokens = UsageLayout(
        basis: .inputTokens, prompt: ["usage.prompt_tokens"] + inCohere("input_tokens"), input: ["usage.input_tokens"],
        total: ["usage.total_tokens"], cached: ["usage.prompt_tokens_details.cached_tokens"])

    static let rerank = {
        var layout = inputTokens
        layout.searchUnits = ["usage.billed_units.search_units", "meta.billed_units.search_units"]
        return layout
    }()

    static let audio = UsageLayout(basis: .audio, seconds: ["duration", "usage.seconds", "segments[].end"])

    /// The Responses API: the response itself, or an event with the response in it.
    static let responses = UsageLayout(
        input: inResponse("input_tokens"), output: inResponse("output_tokens"), total: inResponse("total_tokens"),
        reasoning: inResponse("output_tokens_details.reasoning_tokens"),
        cached: inResponse("input_tokens_details.cached_tokens"))

    /// Anthropic's Messages API: the first event states input in a `message`, the last one output.
    static let messages = UsageLayout(
        input: inMessage("input_tokens"),
        besideInput: inMessage("cache_read_input_tokens") + inMessage("cache_creation_input_tokens"),
        output: inMessage("output_tokens"), cached: inMessage("cache_read_input_tokens"))

    /// Tokens under all known names and in all known places, for endpoints that are only forwarded.
    static let any = UsageLayout(
        prompt: ["usage.prompt_tokens", "response.usage.prompt_tokens"] + inCohere("input_tokens", isStreamed: true),
        input: responses.input + ["message.usage.input_tokens"], besideInput: messages.besideInput,
        output: ["usage.completion_tokens", "response.usage.completion_tokens"] + responses.output
            + ["message.usage.output_tokens"] + inCohere("output_tokens", isStreamed: true),
        total: responses.total, reasoning: generation.reasoning + responses.reasoning,
        cached: generation.cached + responses.cached + messages.cached,
        searchUnits: rerank.searchUnits)

    private static func inResponse(_ name: String) -> [String] { ["usage.\(name)", "response.usage.\(name)"] }

    private static func inMessage(_ name: String) -> [String] { ["usage.\(name)", "message.usage.\(name)"] }

    /// The places of a count in Cohere's two versions, and in the last event of their streams. What is billed goes before
    /// what the model has read.
    private static func inCohere(_ name: String, isStreamed: Bool = false) -> [String] {
        let places = ["usage", "meta"] + (isStreamed ? ["delta.usage", "response.meta"] : [])
        return places.flatMap { ["\($0).billed_units.\(name)", "\($0).tokens.\(name)"] }
    }
}
