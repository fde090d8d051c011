import Bytes

/// The path of a request upstream: the client's, with a part removed or a model's id replaced.
package struct UpstreamPath: Equatable, Sendable {
    /// The path that precedes the endpoints' own.
    static let version: StaticString = "/v1"

    /// The place of a model in the client's path.
    private enum Model: Equatable {
        case none
        /// At the end, as in `/v1/models/{id}`. It goes upstream there.
        case id(Range<Int>)
        /// Before the endpoint's path, as in `/openai/deployments/{model}/embeddings`. It goes upstream in the body.
        case deployment(Range<Int>)
    }

    /// Bytes at the start of the client's path that the upstream does not get, and that belong to no resource's path.
    package let start: Int
    private let model: Model
    /// The place of WebSockets on the path.
    package let webSocket: WebSocketUse

    /// A path of which the upstream does not get the first `start` bytes.
    init(from start: Int = 0, modelID: Range<Int>? = nil, webSocket: WebSocketUse = .never) {
        self.init(start, modelID.map { .id($0) } ?? .none, webSocket)
    }

    /// A path that names the body's model at `deployment`.
    init(deployment: Range<Int>) { self.init(deployment.upperBound, .deployment(deployment), .never) }

    private init(_ start: Int, _ model: Model, _ webSocket: WebSocketUse) {
        self.start = start
        self.model = model
        self.webSocket = webSocket
    }

    /// The same path after `surplus` bytes of an alias.
    func after(_ surplus: Int) -> UpstreamPath {
        guard case .id(let range) = model else { return UpstreamPath(start + surplus, model, webSocket) }
        return UpstreamPath(
            start + surplus, .id(range.lowerBound + surplus..<range.upperBound + surplus), webSocket)
    }

    /// True if the path names the model of the body, which then has to name it too: see `RequestScanner`.
    package var namesModelOfBody: Bool {
        if case .deployment = model { true } else { false }
    }

    /// Appends the path to `target`, from `/v1/` or `/v2/` on. The gateway writes the upstream's base path itself.
    ///
    /// - Parameters:
    ///   - path: The path that was routed, as the client wrote it.
    ///   - served: The target of an alias, which replaces the id in `/v1/models/{id}`.
    package func append(to target: inout [UInt8], asWritten path: Span<UInt8>, model served: String? = nil) {
        switch model {
        case .id(let range):
            guard let served else { return target.append(start..<path.count, of: path) }
            target.append(start..<range.lowerBound, of: path)
            PercentCoding.append(served, plain: .identifier, to: &target)
        case .deployment:
            target.append(Self.version)
            target.append(start..<path.count, of: path)
        case .none: target.append(start..<path.count, of: path)
        }
    }

    /// The decoded model in `/v1/models/{id}` or `/openai/deployments/{model}/…`; nil for every other path. `path` is the path
    /// that was routed.
    package func modelID(in path: Span<UInt8>) -> String? {
        switch model {
        case .none: nil
        case .id(let range), .deployment(let range): PercentCoding.strictlyDecoded(path.extracting(range))
        }
    }
}

extension ASCIISet {
    /// Bytes of an id that are not escaped in a path or query: `unreserved` and the colon, as the SDKs send them.
    static var identifier: ASCIISet { ASCIISet(low: 0x07FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
}
