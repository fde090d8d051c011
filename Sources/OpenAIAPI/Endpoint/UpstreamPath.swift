import Bytes

/// The path of a request upstream: as it was written, or another one in its place.
package struct UpstreamPath: Equatable, Sendable {
    enum Form { case asWritten, rerankV1, rerankV2 }

    private let form: Form
    private let modelIDRange: Range<Int>?

    init(_ form: Form, modelID: Range<Int>? = nil) {
        self.form = form
        modelIDRange = modelID
    }

    /// Whether it is the path as the caller wrote it.
    package var isAsWritten: Bool { form == .asWritten }

    /// Appends the path to `target`, from `/v1/` or `/v2/` on. What stands before that in the upstream's base URL is the
    /// gateway's to write.
    ///
    /// - Parameters:
    ///   - path: the path that was routed, as it was written.
    ///   - model: the id to ask for in the place of the one in `/v1/models/{id}`, where it is another one (an alias's target).
    package func append(to target: inout [UInt8], asWritten path: Span<UInt8>, model: String? = nil) {
        switch form {
        case .rerankV1: target.append(contentsOf: "/v1/rerank".utf8)
        case .rerankV2: target.append(contentsOf: "/v2/rerank".utf8)
        case .asWritten:
            guard let modelIDRange, let model else {
                target.append(path)
                return
            }
            target.append(0..<modelIDRange.lowerBound, of: path)
            PercentCoding.append(model, plain: .identifier, to: &target)
        }
    }

    /// The id in `/v1/models/{id}` without its escapes; nil for every other path. `path` is the path that was routed.
    package func modelID(in path: Span<UInt8>) -> String? {
        guard let modelIDRange else { return nil }
        return PercentCoding.strictlyDecoded(path.extracting(modelIDRange))
    }
}

extension ASCIISet {
    /// Bytes of an id that are not escaped in a path or query: `unreserved` and the colon, as the SDKs send them.
    static var identifier: ASCIISet { ASCIISet(low: 0x07FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }
}
