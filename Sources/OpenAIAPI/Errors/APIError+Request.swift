/// Requests that cannot be understood or do not fit: 4xx, `invalid_request_error`.
extension APIError {
    private static let family = "invalid_request_error"

    /// HTTP that is malformed. `status`, `code` and `message` are those of the protocol's own error.
    package static func malformedHTTP(status: Int, code: String, message: String) -> APIError {
        APIError(status, family, code: code, message)
    }

    /// A body that is not the one JSON object that is expected. `message` says where and why, without a byte of the body.
    package static func invalidJSON(_ message: String) -> APIError {
        APIError(400, family, code: "invalid_json", message + " Send one JSON object as the body.")
    }

    /// A body that is not the `multipart/form-data` that is expected. `message` says where and why.
    package static func invalidMultipart(_ message: String) -> APIError {
        APIError(400, family, code: "invalid_multipart", message)
    }

    /// A member or field that the gateway decides on stands twice: two parsers could read two different requests.
    package static func duplicateMember(_ name: String) -> APIError {
        APIError(
            400, family, code: "duplicate_member", param: shown(name),
            "'\(shown(name))' stands twice in the request, so that it has no one meaning. Send it once.")
    }

    /// No `model` where the endpoint needs one.
    package static var missingModel: APIError {
        APIError(
            400, family, code: "missing_model", param: "model",
            "The request names no model. Send \"model\" with one of the ids that GET /v1/models lists.")
    }

    /// A `model` that is no string, is empty, or is longer than any model's id.
    package static var invalidModel: APIError {
        APIError(
            400, family, code: "invalid_model", param: "model",
            "'model' must be a string of 1 to \(RequestMetadata.modelLimit) bytes. Send one of the ids that GET /v1/models lists."
        )
    }

    /// A parameter with a value that it cannot have. `expectation` completes "must be …".
    package static func invalidValue(_ parameter: String, _ expectation: String) -> APIError {
        APIError(
            400, family, code: "invalid_value", param: parameter,
            "Invalid parameter '\(parameter)': must be \(expectation). Correct it or leave it out.")
    }

    /// A request that asks for more than its limits ever allow. `asked` and `limit` name both, as "5000 output tokens" and
    /// "4096 output tokens a request".
    package static func maxTokensExceeded(asked: String, limit: String, whose: String, parameter: String = "max_tokens")
        -> APIError
    {
        APIError(
            400, family, code: "max_tokens_exceeded", param: parameter,
            "The request may take up to \(asked), more than \(whose) ever has: \(limit). Lower '\(parameter)', or send a shorter input."
        )
    }

    /// A path that is not served.
    package static var unknownURL: APIError {
        APIError(
            404, family, code: "unknown_url",
            "Nothing is served at this path. Set the client's base URL to this server's address followed by /v1.")
    }

    /// A file or batch that does not exist or belongs to somebody else: the caller cannot tell which.
    package static var notFound: APIError {
        APIError(
            404, family, code: "not_found",
            "There is no such object for this key. Check the id, or list your own objects.")
    }

    /// A path that does not take this method.
    package static func methodNotAllowed(allow: String) -> APIError {
        APIError(
            405, family, code: "method_not_allowed", "This path does not take this method. Use \(allow).", allow: allow)
    }

    /// A request too slow in coming.
    package static var requestTimeout: APIError {
        APIError(
            408, family, code: "request_timeout",
            "The request did not arrive in time, so the server has stopped waiting. Send it again over a faster connection."
        )
    }

    /// A body of more than `limit` bytes.
    package static func requestTooLarge(limit: Int) -> APIError {
        APIError(
            413, family, code: "request_too_large",
            "The body is larger than the \(limit) bytes that this server takes here. Send less at a time.")
    }

    /// A header section beyond its limit.
    package static var headersTooLarge: APIError {
        APIError(
            431, family, code: "headers_too_large",
            "The headers are larger than this server takes. Send fewer or shorter ones.")
    }
}
