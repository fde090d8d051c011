/// Requests of another API that chat completions cannot serve: 400, `invalid_request_error`.
extension APIError {
    /// The member has a value that has no counterpart upstream. `reason` is a sentence with the cause and the remedy.
    package static func untranslatable(_ member: String, _ reason: String) -> APIError {
        APIError(
            400, "invalid_request_error", code: "unsupported_value", param: shown(member),
            "'\(shown(member))' is not supported here. \(reason)")
    }

    /// The member is needed and missing.
    package static func missingMember(_ member: String) -> APIError {
        APIError(
            400, "invalid_request_error", code: "missing_required_parameter", param: shown(member),
            "The request has no '\(shown(member))'. Send it.")
    }

    /// A tool that runs on the API's own servers, of which this server has none.
    package static func hostedTool(_ member: String, _ type: String) -> APIError {
        untranslatable(
            member,
            "The tool '\(shown(type))' runs on its maker's servers. Offer a function in its place, or leave it out.")
    }

    /// The code of `unstoredThread`, which Anthropic's SDKs know: they go on with the whole conversation in each request.
    package static let unstoredThreadCode = "thread_unsupported_request"

    /// A thread of messages, of which each request has the newest alone.
    package static var unstoredThread: APIError {
        APIError(
            400, "invalid_request_error", code: unstoredThreadCode, param: "thread",
            "'thread' is not supported here. Messages are not stored on this server. Leave it out, and send the whole "
                + "conversation as 'messages'.")
    }

    /// A path of `dialect` that is not translated.
    package static func untranslatedPath(of dialect: Dialect) -> APIError {
        switch dialect {
        case .responses:
            APIError(
                404, "invalid_request_error", code: "not_found",
                "Responses are not stored on this server, so that there is none to read, list, cancel or delete. "
                    + "Send POST /v1/responses with the whole conversation as 'input'.")
        case .messages:
            APIError(
                404, "invalid_request_error", code: "not_found",
                "This server has nothing at this path. Of this API it serves POST /v1/messages and "
                    + "/v1/messages/count_tokens.")
        }
    }

    /// A stored response that the request refers to.
    package static func nothingStored(_ member: String) -> APIError {
        untranslatable(member, "Responses are not stored on this server. Send the whole conversation as 'input'.")
    }
}
