/// A path with a variable part, compiled from an `EndpointPath`.
struct PathPattern: Sendable {
    private enum Segment: Sendable {
        case literal(String)
        case id
        case rest
    }

    let endpoint: Endpoint
    let methods: MethodSet
    let webSocket: WebSocketUse
    /// The bytes in front of the model's id, for a pattern that ends in one.
    let modelPrefix: [UInt8]?
    private let segments: [Segment]

    init(_ path: EndpointPath, of endpoint: Endpoint) {
        self.endpoint = endpoint
        methods = path.methods
        webSocket = path.webSocket
        let text = path.pattern.description
        precondition(text.hasPrefix("/v1/"), "a pattern begins with /v1/")
        modelPrefix = text.hasSuffix("{model}") ? Array(text.utf8.dropLast("{model}".utf8.count)) : nil
        segments = text.dropFirst("/v1/".count).split(separator: "/").map { segment in
            switch segment {
            case "{id}": .id
            case "{rest}", "{model}": .rest
            default: .literal(String(segment))
            }
        }
    }

    /// The first segment, for a pattern of an endpoint's own; nil for one that matches every path.
    var firstLiteral: String? {
        if case .literal(let text) = segments.first { text } else { nil }
    }

    /// Returns true if the pattern matches `path`, the decoded segments below `/v1/`.
    func matches(_ path: [String]) -> Bool {
        for (index, segment) in segments.enumerated() {
            guard index < path.count else { return false }
            switch segment {
            case .literal(let text): guard path[index] == text else { return false }
            case .id: break
            case .rest: return true
            }
        }
        return path.count == segments.count
    }
}
