import Scanners

/// What is looked for in an answer's document, or in the document of each event of a streamed answer.
///
/// One object an endpoint and form, made once: the scanners only refer to it.
final class ResponsePaths: Sendable {
    /// Where an answer's text stands.
    enum Form: Sendable {
        /// In `message` of each choice.
        case document
        /// In `delta` of each choice.
        case event
    }

    // Indices into the list. All lists begin alike.
    static let id = 0
    static let backend = 1
    static let model = 2
    static let error = 3
    static let usage = 4
    static let choices = 5

    /// Everything that is looked for.
    let list: JSONPathSet
    private let endpoint: Endpoint
    private let usages: UsagePaths
    private let texts: Range<Int>
    /// Servers have two names for the reasoning, and some send it under both: the longer one counts.
    private let reasonings: Range<Int>
    private let images: Int?

    private init(_ endpoint: Endpoint, _ form: Form) {
        self.endpoint = endpoint
        var paths = ["id", "backend", "model", "error", "usage", "choices"].map { JSONPath($0) }
        usages = UsagePaths(endpoint, to: &paths)
        let member = form == .document ? "message" : "delta"
        let textPaths: [String]
        switch endpoint {
        case .chatCompletions, .completions:
            textPaths =
                ["content", "refusal", "function_call.arguments"].map { "choices[].\(member).\($0)" }
                + ["arguments", "name"].map { "choices[].\(member).tool_calls[].function.\($0)" } + ["choices[].text"]
        case .transcriptions, .translations: textPaths = ["text"]
        default: textPaths = []
        }
        let reasoningPaths =
            endpoint.streamsUsage ? ["reasoning_content", "reasoning"].map { "choices[].\(member).\($0)" } : []
        texts = paths.count..<paths.count + textPaths.count
        paths += textPaths.map { JSONPath($0, .textLength) }
        reasonings = paths.count..<paths.count + reasoningPaths.count
        paths += reasoningPaths.map { JSONPath($0, .textLength) }
        if endpoint == .images {
            images = paths.count
            paths.append(JSONPath("data", .count))
        } else {
            images = nil
        }
        list = JSONPathSet(paths)
    }

    /// The two forms for the endpoints that answer alike.
    private struct Forms: Sendable {
        let document: ResponsePaths
        let event: ResponsePaths

        init(_ endpoint: Endpoint) {
            document = ResponsePaths(endpoint, .document)
            event = ResponsePaths(endpoint, .event)
        }
    }

    private static let completions = Forms(.completions)
    private static let embeddings = Forms(.embeddings)
    private static let rerank = Forms(.rerank)
    private static let transcriptions = Forms(.transcriptions)
    private static let imageLists = Forms(.images)
    private static let others = Forms(.other)

    static func paths(for endpoint: Endpoint, _ form: Form) -> ResponsePaths {
        let forms =
            switch endpoint {
            case .chatCompletions, .completions: completions
            case .embeddings: embeddings
            case .rerank: rerank
            case .transcriptions, .translations: transcriptions
            case .images: imageLists
            case .speech, .models, .files, .batches, .realtime, .other: others
            }
        return form == .document ? forms.document : forms.event
    }

    /// What the document says was used; nil where it says nothing.
    func usage(in scanner: borrowing JSONScanner) -> UpstreamUsage? { usages.usage(endpoint, in: scanner) }

    /// How long the text of the document is.
    func content(of scanner: borrowing JSONScanner) -> (scalars: Int, utf8Bytes: Int) {
        var sum = (scalars: 0, utf8Bytes: 0)
        for index in texts {
            let length = scanner.textLength(index)
            sum.scalars += length.scalars
            sum.utf8Bytes += length.utf8Bytes
        }
        var longest = (scalars: 0, utf8Bytes: 0)
        for index in reasonings {
            let length = scanner.textLength(index)
            if length.utf8Bytes > longest.utf8Bytes { longest = length }
        }
        return (sum.scalars + longest.scalars, sum.utf8Bytes + longest.utf8Bytes)
    }

    /// Where the document's text stands, without its quotes, if it is a single string without escapes; else nil.
    func onlyText(of scanner: borrowing JSONScanner) -> Range<Int>? {
        var only: Int?
        for index in texts.lowerBound..<reasonings.upperBound where scanner.textLength(index).utf8Bytes > 0 {
            guard only == nil else { return nil }
            only = index
        }
        guard let only, let value = scanner.found(only), value.kind == .string else { return nil }
        // Bytes that are more are escapes, such that are fewer are another string's.
        guard value.range.count - 2 == value.utf8Bytes else { return nil }
        return value.range.lowerBound + 1..<value.range.upperBound - 1
    }

    /// The images of the document.
    func images(in scanner: borrowing JSONScanner) -> Int64 {
        images.flatMap { scanner.found($0) }.map { Int64($0.elements) } ?? 0
    }

    /// Whether the document has an `error` that means one: SDKs raise what is true in their language.
    func isError(_ scanner: borrowing JSONScanner) -> Bool {
        switch scanner.kind(Self.error) {
        case nil, .null, .false: false
        case .number: scanner.integer(Self.error) != 0
        case .string: scanner.found(Self.error)?.text != ""
        default: true
        }
    }
}
