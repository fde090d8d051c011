/// The place of WebSockets (RFC 6455) on a path.
package enum WebSocketUse: Equatable, Sendable {
    /// None: a request for one is an ordinary request.
    case never
    /// A GET may ask for one.
    case optional
    /// Nothing else is served.
    case required
}

/// A path of an endpoint with its methods: a fixed path, or a pattern.
///
/// Patterns end in `{model}`, a model's id that may contain slashes, or in `{rest}`, one or more further segments.
/// `{id}` is one segment.
struct EndpointPath: Sendable {
    let pattern: StaticString
    let methods: MethodSet
    /// Bytes at the start of the path that the upstream does not get.
    let upstreamStart: Int
    let webSocket: WebSocketUse

    init(
        _ pattern: StaticString, _ methods: MethodSet, upstreamFrom upstreamStart: Int = 0,
        webSocket: WebSocketUse = .never
    ) {
        self.pattern = pattern
        self.methods = methods
        self.upstreamStart = upstreamStart
        self.webSocket = webSocket
    }

    /// Returns true if the path has no variable part.
    var isFixed: Bool { !pattern.description.contains("{") }
}
