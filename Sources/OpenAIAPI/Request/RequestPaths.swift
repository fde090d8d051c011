import Scanners

/// What is looked for in a JSON body: the same members everywhere, and the text that the endpoint's model reads.
///
/// One object an endpoint, made once: a request's reader only refers to it.
final class RequestPaths: Sendable {
    // Indices into the list. All lists begin alike.
    static let model = 0
    static let stream = 1
    static let streamOptions = 2
    static let includeUsage = 3
    static let maxCompletionTokens = 4
    static let maxTokens = 5
    static let choices = 6
    static let user = 7
    static let responseFormat = 8

    private static let common = [
        "model", "stream", "stream_options", "stream_options.include_usage", "max_completion_tokens", "max_tokens", "n",
        "user", "response_format",
    ]

    /// Everything that is looked for.
    let list: JSONPathSet
    /// All text below these is input,
    let texts: Range<Int>
    /// except what these hold: data URIs are no text. `members` counts what objects they are.
    let media: [(text: Int, members: Int)]
    /// The list of inputs, and its elements; both are counted.
    let items: (list: Int, element: Int)?
    /// The file that a batch is made of.
    let inputFile: Int?
    /// How many answers are made, of which `n` are given.
    let bestOf: Int?

    private init(
        texts: [String], media: [String] = [], items: String? = nil, hasBestOf: Bool = false, hasInputFile: Bool = false
    ) {
        var paths = Self.common.map { JSONPath($0, duplicates: .refuse) }
        func add(_ path: JSONPath) -> Int {
            paths.append(path)
            return paths.count - 1
        }
        self.texts = paths.count..<paths.count + texts.count
        for path in texts { _ = add(JSONPath(path, .textLength, duplicates: .refuse)) }
        self.media = media.map { (add(JSONPath($0, .textLength)), add(JSONPath($0, .count))) }
        self.items = items.map { (add(JSONPath($0, .count, duplicates: .refuse)), add(JSONPath("\($0)[]", .count))) }
        bestOf = hasBestOf ? add(JSONPath("best_of", duplicates: .refuse)) : nil
        inputFile = hasInputFile ? add(JSONPath("input_file_id", duplicates: .refuse)) : nil
        list = JSONPathSet(paths, captureLimit: RequestScanner.captureLimit)
    }

    private static let mediaOfMessages = ["image_url", "input_audio", "audio_url", "video_url", "file"]
        .map { "messages[].content[].\($0)" }
    private static let chat = RequestPaths(texts: ["messages", "tools", "functions"], media: mediaOfMessages)
    private static let completion = RequestPaths(
        texts: ["prompt", "messages"], media: mediaOfMessages, items: "prompt", hasBestOf: true)
    private static let embeddings = RequestPaths(texts: ["input"], items: "input")
    private static let rerank = RequestPaths(texts: ["query", "documents"], items: "documents")
    private static let speech = RequestPaths(texts: ["input"])
    private static let images = RequestPaths(texts: ["prompt"])
    private static let batches = RequestPaths(texts: [], hasInputFile: true)
    private static let others = RequestPaths(texts: [])

    static func paths(for endpoint: Endpoint) -> RequestPaths {
        switch endpoint {
        case .chatCompletions: chat
        case .completions: completion
        case .embeddings: embeddings
        case .rerank: rerank
        case .speech: speech
        case .images: images
        case .transcriptions, .translations, .models, .files, .realtime, .other: others
        case .batches: batches
        }
    }
}
