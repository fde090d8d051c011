import Bytes
import Scanners

/// Reads a request body of any kind as it arrives, and extracts its metadata.
package final class RequestScanner {
    /// The most bytes that are kept of one value.
    static let captureLimit = 1024

    // The payloads are classes: their scanners change in place, while a struct would be moved out of the enum and back.
    private enum Body {
        case json(JSONRequestReader)
        case multipart(MultipartRequestReader)
        /// Throws the error at the first byte.
        case empty(otherwise: APIError)
        /// A form of unknown fields.
        case form(FormMeasure)
        case opaque
    }

    private let endpoint: Endpoint
    private let body: Body
    private var count = 0

    /// Creates a scanner for the body of a request to `endpoint`.
    ///
    /// Reads the bodies of JSON endpoints as JSON even if the content type differs: clients often omit it.
    ///
    /// - Parameters:
    ///   - contentType: The value of the header of that name, if there is one.
    ///   - pathNamesModel: The path names the model (`UpstreamPath.namesModelOfBody`). The body then needs none, and has to be
    ///     edited to name that one.
    /// - Throws: 400 `invalid_multipart` if the body must be `multipart/form-data` and is not, or has no boundary that all
    ///   parsers read alike; 400 `invalid_value` for a charset other than UTF-8.
    package init(endpoint: Endpoint, contentType: Span<UInt8>?, pathNamesModel: Bool = false) throws(APIError) {
        self.endpoint = endpoint
        let declaresJSON = contentType?.hasPrefixIgnoringCase("application/json") ?? false
        switch endpoint.bodyKind {
        case .opaque: body = .opaque
        case .jsonWhereDeclared where !declaresJSON:
            if let contentType, let boundary = MultipartScanner.boundary(ofContentType: contentType) {
                body = .form(FormMeasure(boundary: boundary))
            } else {
                body = .opaque
            }
        case .multipart where !declaresJSON: body = try Self.multipartBody(of: endpoint, contentType, pathNamesModel)
        case .json, .jsonWhereDeclared, .multipart:
            if let contentType, Charset.isOther(in: contentType) {
                throw .invalidValue("content-type", "'application/json', in UTF-8")
            }
            body = .json(JSONRequestReader(endpoint, pathNamesModel: pathNamesModel))
        }
    }

    private static func multipartBody(
        of endpoint: Endpoint, _ contentType: Span<UInt8>?, _ pathNamesModel: Bool
    ) throws(APIError) -> Body {
        guard let contentType, contentType.hasPrefixIgnoringCase("multipart/") else {
            let error = APIError.invalidMultipart(
                "This endpoint takes a file as multipart/form-data. Send that content type with its boundary.")
            guard endpoint.mayHaveNoBody else { throw error }
            return .empty(otherwise: error)
        }
        guard let boundary = MultipartScanner.boundary(ofContentType: contentType) else {
            throw .invalidMultipart(
                "The content type is no 'multipart/form-data; boundary=…'. Let the client library write the header itself."
            )
        }
        return .multipart(
            MultipartRequestReader(
                boundary: boundary, endpoint: endpoint, pathNamesModel: pathNamesModel))
    }

    /// Reads the next piece of the body, of any size.
    ///
    /// - Throws: 400 `invalid_json`, `invalid_multipart` or `duplicate_member`.
    package func scan(_ bytes: Span<UInt8>) throws(APIError) {
        guard bytes.count > 0 else { return }
        count += bytes.count
        switch body {
        case .json(let reader): try reader.scan(bytes)
        case .multipart(let reader): try reader.scan(bytes)
        case .form(let measure): measure.scan(bytes)
        case .empty(let error): throw error
        case .opaque: break
        }
    }

    /// Ends the body, and returns its metadata.
    ///
    /// - Throws: The errors of `scan`, and 400 `missing_model`, `invalid_model` or `invalid_value` with the parameter's
    ///   name.
    package func finish() throws(APIError) -> RequestMetadata {
        if count == 0, endpoint.mayHaveNoBody { return RequestMetadata() }
        var metadata = try readMetadata()
        if endpoint.billing != .free { metadata.counters.bodyBytes = count }
        return metadata
    }

    private func readMetadata() throws(APIError) -> RequestMetadata {
        var metadata = RequestMetadata()
        switch body {
        case .json(let reader): return try reader.finish()
        case .multipart(let reader): return try reader.finish()
        case .form(let measure): measure.finish(into: &metadata.counters)
        case .empty, .opaque: break
        }
        guard endpoint.billing != .free else { return metadata }
        // What cannot be read may all be text that the model reads.
        metadata.counters.inputBytes = count - metadata.counters.mediaBytes
        metadata.counters.inputScalars = metadata.counters.inputBytes
        return metadata
    }
}
