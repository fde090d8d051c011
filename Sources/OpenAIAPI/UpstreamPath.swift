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
                path.withUnsafeBufferPointer { target.append(contentsOf: $0) }
                return
            }
            path.extracting(0..<modelIDRange.lowerBound).withUnsafeBufferPointer { target.append(contentsOf: $0) }
            PercentEscapes.append(model, to: &target)
        }
    }

    /// The id in `/v1/models/{id}` without its escapes; nil for every other path. `path` is the path that was routed.
    package func modelID(in path: Span<UInt8>) -> String? {
        guard let modelIDRange else { return nil }
        return path.extracting(modelIDRange).percentDecoded()
    }
}

/// Percent-encoding (RFC 3986, section 2.1).
enum PercentEscapes {
    /// Appends `text`, with all escaped but the unreserved characters (section 2.3) and the colon, as the SDKs do with slashes.
    static func append(_ text: String, to target: inout [UInt8]) {
        for byte in text.utf8 { append(byte, to: &target) }
    }

    private static func append(_ byte: UInt8, to target: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: ":"):
            target.append(byte)
        default:
            let digits: StaticString = "0123456789ABCDEF"
            target.append(UInt8(ascii: "%"))
            target.append(digits.utf8Start[Int(byte >> 4)])
            target.append(digits.utf8Start[Int(byte & 0xF)])
        }
    }
}
