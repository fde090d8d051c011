import Scanners

/// The JSON paths that a request's reader captures. Made once for each endpoint; readers only refer to it.
///
/// The lines of a batch have a request in their `body`. Their paths are one set for all endpoints, since a line may name its
/// endpoint last.
final class RequestPaths: Sendable {
    // Indices into `set`. All sets begin with these.
    static let model = 0
    static let stream = 1
    static let streamOptions = 2
    static let includeUsage = 3
    static let choices = 4
    static let user = 5

    /// `response_format` is not read, but two of them would mean two different requests.
    private static func common(_ layout: RequestLayout) -> [String] {
        ["model", "stream", "stream_options", "stream_options.include_usage", "n", layout.user, "response_format"]
    }

    let set: JSONPathSet
    /// The places of the layout's members in the set.
    let places: RequestPlaces

    /// The paths of a request whose body is laid out as `layout`.
    convenience init(_ layout: RequestLayout) {
        var paths = Self.commonPaths(layout, below: "")
        let places = RequestPlaces(layout, below: "", &paths)
        self.init(places, JSONPathSet(paths, captureLimit: RequestScanner.captureLimit))
    }

    private init(_ places: RequestPlaces, _ set: JSONPathSet) {
        self.set = set
        self.places = places
    }

    private static func commonPaths(_ layout: RequestLayout, below prefix: String) -> [JSONPath] {
        common(layout).map { JSONPath(prefix + $0, duplicates: .refuse) }
    }

    private static let all = EndpointTraits.table.map { RequestPaths($0.request) }

    /// The paths of the requests of `endpoint`.
    static func of(_ endpoint: Endpoint) -> RequestPaths { all[endpoint.ordinal] }

    // MARK: Lines of batches

    /// Further endpoints whose requests are read in a batch's line as they are read alone.
    private static let endpointsOfLines: [Endpoint] = [.chatCompletions, .completions, .embeddings, .responses]

    private static let lines: (url: Int, unknown: RequestPaths, known: [Endpoint: RequestPaths]) = {
        var paths = commonPaths(RequestLayout(), below: "body.")
        paths.append(JSONPath("url", duplicates: .refuse))
        let url = paths.count - 1
        func places(_ endpoint: Endpoint) -> RequestPlaces {
            RequestPlaces(EndpointTraits.table[endpoint.ordinal].request, below: "body.", &paths)
        }
        let unknown = places(.other)
        let known = endpointsOfLines.map { ($0, places($0)) }
        let set = JSONPathSet(paths, captureLimit: RequestScanner.captureLimit)
        return (
            url, RequestPaths(unknown, set), Dictionary(uniqueKeysWithValues: known.map { ($0, RequestPaths($1, set)) })
        )
    }()

    /// The paths of a batch's line before its endpoint is known.
    static var ofLine: RequestPaths { lines.unknown }

    /// The index of a line's `url`.
    static var urlOfLine: Int { lines.url }

    /// The endpoint at `url`, and the paths of a batch's line for it. The set is that of `ofLine`.
    static func ofLine(to url: String) -> (Endpoint, RequestPaths) {
        guard let endpoint = RoutingTable.shared.fixedPath(url.utf8.span)?.endpoint, let paths = lines.known[endpoint]
        else { return (.other, lines.unknown) }
        return (endpoint, paths)
    }
}

/// The places of one layout in a set of paths.
struct RequestPlaces {
    /// Members that bound the output, in the order of the layout.
    let outputBounds: [(name: String, index: Int)]
    /// All text below these is input,
    let texts: [Int]
    /// except the text of these.
    let media: [(text: Int, kind: Medium.Kind)]
    /// The one of `texts` that is read with each of `items`.
    let repeatedText: Int?
    /// The list of inputs and its elements; both are counted.
    let items: (list: Int, element: Int)?
    let attempts: (name: String, index: Int)?
    /// The file of a batch's lines, and the endpoint that they are for.
    let inputFile: (name: String, index: Int)?
    let batchEndpoint: (name: String, index: Int)?
    /// The members about what the upstream stores.
    let stored: (store: Int, background: Int, previous: Int, conversation: Int, conversationID: Int)?

    /// Adds the paths of `layout` to `paths`, each below `prefix`: a member with its point, or nothing.
    fileprivate init(_ layout: RequestLayout, below prefix: String, _ paths: inout [JSONPath]) {
        func add(_ name: String, _ capture: JSONPath.Capture = .value, _ duplicates: JSONPath.Duplicates = .refuse)
            -> Int
        {
            let path = name.isEmpty ? String(prefix.dropLast()) : prefix + name
            paths.append(JSONPath(path, capture, duplicates: duplicates))
            return paths.count - 1
        }
        func addMember(_ name: String) -> (name: String, index: Int) { (name, add(name)) }
        outputBounds = layout.outputBounds.map(addMember)
        let texts = layout.texts.map { add($0, .textLength) }
        self.texts = texts
        repeatedText = layout.repeatedText.flatMap { layout.texts.firstIndex(of: $0) }.map { texts[$0] }
        media = layout.media.map { (add($0.path, .textLength, .last), $0.kind) }
        items = layout.items.map { (add($0, .count), add("\($0)[]", .count, .last)) }
        attempts = layout.attempts.map(addMember)
        inputFile = layout.inputFile.map(addMember)
        batchEndpoint = layout.batchEndpoint.map(addMember)
        stored =
            layout.namesStored
            ? (
                add("store"), add("background"), add("previous_response_id"), add("conversation"),
                add("conversation.id")
            ) : nil
    }
}
