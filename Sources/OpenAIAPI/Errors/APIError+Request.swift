/// Requests that are malformed, too large or not served: 4xx, `invalid_request_error`.
extension APIError {
    private static let family = "invalid_request_error"

    /// The HTTP is malformed. `status`, `code` and `message` are the HTTP room's.
    package static func malformedHTTP(status: Int, code: String, message: String) -> APIError {
        APIError(status, family, code: code, message)
    }

    /// The body is not one JSON object. `message` has the place and the reason, and no byte of the body.
    package static func invalidJSON(_ message: String) -> APIError {
        APIError(400, family, code: "invalid_json", message + " Send one JSON object as the body.")
    }

    /// The body is not valid `multipart/form-data`. `message` has the place and the reason.
    package static func invalidMultipart(_ message: String) -> APIError {
        APIError(400, family, code: "invalid_multipart", message)
    }

    /// A member or field that the gateway decides on appears twice: two parsers could read two different requests.
    package static func duplicateMember(_ name: String) -> APIError {
        APIError(
            400, family, code: "duplicate_member", param: shown(name),
            "'\(shown(name))' stands twice in the request, so that it has no one meaning. Send it once.")
    }

    /// The body is compressed in a way that is not decoded here.
    package static func unsupportedEncoding(_ coding: String) -> APIError {
        APIError(
            415, family, code: "unsupported_encoding", param: "content-encoding",
            "The content coding '\(shown(coding))' is not supported. Send the body as it is, or compressed with gzip or deflate."
        )
    }

    /// The compressed body is damaged, or incomplete.
    package static var invalidEncoding: APIError {
        APIError(
            400, family, code: "invalid_encoding", param: "content-encoding",
            "The compressed body is damaged or incomplete. Compress it again, or send it as it is.")
    }

    /// A member differs only in case from one that the gateway decides on: some servers read both as the same.
    package static func misspelledMember(_ name: String) -> APIError {
        APIError(
            400, family, code: "invalid_json", param: shown(name),
            "'\(shown(name))' stands in the request in another spelling, which servers read differently. Send it as '\(shown(name))'."
        )
    }

    /// The endpoint needs a `model`, and the request has none.
    package static var missingModel: APIError {
        APIError(
            400, family, code: "missing_model", param: "model",
            "The request names no model. Send \"model\" with one of the ids that GET /v1/models lists.")
    }

    /// The `model` is not a string of 1 to `ModelName.limit` bytes, or has characters that readers read differently.
    package static var invalidModel: APIError {
        APIError(
            400, family, code: "invalid_model", param: "model",
            "'model' must be a string of 1 to \(ModelName.limit) bytes without control characters. Send one of the ids that GET /v1/models lists."
        )
    }

    /// A parameter has an invalid value. `expectation` completes "must be …".
    package static func invalidValue(_ parameter: String, _ expectation: String) -> APIError {
        APIError(
            400, family, code: "invalid_value", param: parameter,
            "Invalid parameter '\(parameter)': must be \(expectation). Correct it or leave it out.")
    }

    /// The request needs more than its limits ever allow.
    ///
    /// - Parameters:
    ///   - asked: The need, for example "5000 output tokens".
    ///   - limit: The limit, for example "4096 output tokens a request".
    ///   - whose: The owner of the limit, for example "this key".
    package static func maxTokensExceeded(asked: String, limit: String, whose: String, parameter: String = "max_tokens")
        -> APIError
    {
        APIError(
            400, family, code: "max_tokens_exceeded", param: parameter,
            "The request may take up to \(asked), more than \(whose) ever has: \(limit). Lower '\(parameter)', or send a shorter input."
        )
    }

    /// A line of a batch's input file cannot be judged. `fault` has its number and the reason.
    package static func invalidBatchInput(_ fault: String) -> APIError {
        batchInput(fault + " Upload a corrected file.")
    }

    /// The lines of a batch's input file are for another endpoint than the batch.
    package static func otherEndpointInBatch(lines: String, batch: String) -> APIError {
        batchInput(
            "The lines of the input file are for '\(shown(lines))', and the batch is for '\(shown(batch))'. Use the same path in both."
        )
    }

    /// A line of a batch names an alias. Its file is with the upstream as it is, which knows the model `served`.
    package static func aliasInBatch(_ alias: String, served: String) -> APIError {
        batchInput(
            "The input file names the model '\(shown(alias))', an alias of this gateway, which the service behind it does not know. Name '\(shown(served))' in the file."
        )
    }

    private static func batchInput(_ message: String) -> APIError {
        APIError(400, family, code: "invalid_batch_input", param: "input_file_id", message)
    }

    /// The path is not served.
    package static var unknownURL: APIError {
        APIError(
            404, family, code: "unknown_url",
            "Nothing is served at this path. Set the client's base URL to this server's address followed by /v1.")
    }

    /// The file or batch does not exist or has another owner: the client cannot tell the two apart.
    package static var notFound: APIError {
        APIError(
            404, family, code: "not_found",
            "There is no such object for this key. Check the id, or list your own objects.")
    }

    /// The path does not take this method.
    package static func methodNotAllowed(allow: String) -> APIError {
        APIError(
            405, family, code: "method_not_allowed", "This path does not take this method. Use \(allow).", allow: allow)
    }

    /// The request did not arrive in time.
    package static var requestTimeout: APIError {
        APIError(
            408, family, code: "request_timeout",
            "The request did not arrive in time, so the server has stopped waiting. Send it again over a faster connection."
        )
    }

    /// The body has more than `limit` bytes.
    package static func requestTooLarge(limit: Int) -> APIError {
        APIError(
            413, family, code: "request_too_large",
            "The body is larger than the \(limit) bytes that this server takes here. Send less at a time.")
    }
}
