import Bytes

/// The path of a request upstream: the client's, with a part removed or a model's id replaced.
package struct UpstreamPath: Equatable, Sendable {
    /// Bytes at the start of the client's path that the upstream does not get.
    private let start: Int
    private let modelIDRange: Range<Int>?
    /// The place of WebSockets on the path.
    package let webSocket: WebSocketUse

    init(from start: Int = 0, modelID: Range<Int>? = nil, webSocket: WebSocketUse = .never) {
        self.start = start
        modelIDRange = modelID
        self.webSocket = webSocket
    }

    /// Appends the path to `target`, from `/v1/` or `/v2/` on. The gateway writes the upstream's base path itself.
    ///
    /// - Parameters:
    ///   - path: The path that was routed, as the client wrote it.
    ///   - model: The target of an alias, which replaces the id in `/v1/models/{id}`.
    package func append(to target: inout [UInt8], asWritten path: Span<UInt8>, model: String? = nil) {
        guard let modelIDRange, let model else { return target.append(start..<path.count, of: path) }
        target.append(start..<modelIDRange.lowerBound, of: path)
        PercentCoding.append(model, plain: .identifier, to: &target)
    }

    /// The decoded id in `/v1/models/{id}`; nil for every other path. `path` is the path that was routed.
    package func modelID(in path: Span<UInt8>) -> String? {
        guard let modelIDRange else { return nil }
        return PercentCoding.strictlyDecoded(path.extracting(modelIDRange))
    }
}

extension ASCIISet {
    /// Bytes of an id that are not escaped in a path or query: `unreserved` and the colon, as the SDKs send them.
    static var identifier: ASCIISet { ASCIISet(low: 0x07FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
}
