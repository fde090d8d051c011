import Scanners

/// The JSON paths that a request's reader captures. Made once for each endpoint; readers only refer to it.
final class RequestPaths: Sendable {
    // Indices into `set`. All sets begin with these.
    static let model = 0
    static let stream = 1
    static let streamOptions = 2
    static let includeUsage = 3
    static let choices = 4
    static let user = 5

    /// `response_format` is not read, but two of them would mean two different requests.
    private static let common = [
        "model", "stream", "stream_options", "stream_options.include_usage", "n", "user", "response_format",
    ]

    let set: JSONPathSet
    /// Members that bound the output, in the order of the layout.
    let outputBounds: [(name: String, index: Int)]
    /// All text below these is input,
    let texts: Range<Int>
    /// except the text of these.
    let media: [(text: Int, kind: Medium.Kind)]
    /// The one of `texts` that is read with each of `items`.
    let repeatedText: Int?
    /// The list of inputs and its elements; both are counted.
    let items: (list: Int, element: Int)?
    let attempts: (name: String, index: Int)?
    let inputFile: (name: String, index: Int)?

    init(_ layout: RequestLayout) {
        var paths = Self.common.map { JSONPath($0, duplicates: .refuse) }
        func add(_ path: JSONPath) -> Int {
            paths.append(path)
            return paths.count - 1
        }
        func addMember(_ name: String) -> (name: String, index: Int) {
            (name, add(JSONPath(name, duplicates: .refuse)))
        }
        outputBounds = layout.outputBounds.map(addMember)
        texts = paths.count..<paths.count + layout.texts.count
        for path in layout.texts { _ = add(JSONPath(path, .textLength, duplicates: .refuse)) }
        let firstText = texts.lowerBound
        repeatedText = layout.repeatedText.flatMap { layout.texts.firstIndex(of: $0) }.map { firstText + $0 }
        media = layout.media.map { (add(JSONPath($0.path, .textLength)), $0.kind) }
        items = layout.items.map { (add(JSONPath($0, .count, duplicates: .refuse)), add(JSONPath("\($0)[]", .count))) }
        attempts = layout.attempts.map(addMember)
        inputFile = layout.inputFile.map(addMember)
        set = JSONPathSet(paths, captureLimit: RequestScanner.captureLimit)
    }

    private static let all = EndpointTraits.table.map { RequestPaths($0.request) }

    /// The paths of the requests of `endpoint`.
    static func of(_ endpoint: Endpoint) -> RequestPaths { all[endpoint.ordinal] }
}
