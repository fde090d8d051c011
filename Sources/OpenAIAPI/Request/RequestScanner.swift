import Bytes
import Scanners

/// Reads a request's body as it passes, whatever its kind, and finds in it what the gateway decides on.
package final class RequestScanner {
    /// The most bytes that are kept of one value.
    static let captureLimit = 1024

    // Of classes: their scanners are changed in place, which moves in and out of an enum's payload are not.
    private enum Body {
        case json(JSONRequestReader)
        case multipart(MultipartRequestReader)
        /// Anything but nothing is refused.
        case empty(otherwise: APIError)
        case opaque
    }

    private let endpoint: Endpoint
    private let body: Body
    private var isEmpty = true

    /// A scanner for the body of a request to `endpoint`.
    ///
    /// JSON endpoints are read as JSON whatever the content type says, which clients forget.
    ///
    /// - Parameter contentType: the value of the header of that name, if there is one.
    /// - Throws: 400 `invalid_multipart` where the body has to be `multipart/form-data` and is not, or has no boundary.
    package init(endpoint: Endpoint, contentType: Span<UInt8>?) throws(APIError) {
        self.endpoint = endpoint
        switch endpoint.bodyKind {
        case .opaque: body = .opaque
        case .json: body = .json(JSONRequestReader(endpoint))
        case .jsonWhereSaid:
            let isJSON = contentType?.hasPrefixIgnoringCase("application/json") ?? false
            body = isJSON ? .json(JSONRequestReader(endpoint)) : .opaque
        case .multipart:
            if let contentType, contentType.hasPrefixIgnoringCase("multipart/") {
                guard let boundary = MultipartScanner.boundary(ofContentType: contentType) else {
                    throw .invalidMultipart(
                        "The content type is no 'multipart/form-data; boundary=…'. Let the client library write the header itself."
                    )
                }
                body = .multipart(MultipartRequestReader(boundary: boundary, hasSound: endpoint.readsSound))
            } else if let contentType, contentType.hasPrefixIgnoringCase("application/json") {
                body = .json(JSONRequestReader(endpoint))
            } else {
                let error = APIError.invalidMultipart(
                    "This endpoint takes a file as multipart/form-data. Send that content type with its boundary.")
                guard endpoint.mayHaveNoBody else { throw error }
                body = .empty(otherwise: error)
            }
        }
    }

    /// Takes the next piece of the body, of any size.
    ///
    /// - Throws: 400 `invalid_json`, `invalid_multipart` or `duplicate_member`.
    package func scan(_ bytes: Span<UInt8>) throws(APIError) {
        guard bytes.count > 0 else { return }
        isEmpty = false
        switch body {
        case .json(let reader): try reader.scan(bytes)
        case .multipart(let reader): try reader.scan(bytes)
        case .empty(let error): throw error
        case .opaque: break
        }
    }

    /// The body ends here: what was found in it.
    ///
    /// - Throws: as `scan`, and 400 `missing_model`, `invalid_model` or `invalid_value` with the parameter at fault.
    package func finish() throws(APIError) -> RequestMetadata {
        if isEmpty, endpoint.mayHaveNoBody { return RequestMetadata() }
        switch body {
        case .json(let reader): return try reader.finish()
        case .multipart(let reader): return try reader.finish()
        case .empty, .opaque: return RequestMetadata()
        }
    }
}
