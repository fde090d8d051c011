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

    /// A stored response that the request refers to.
    package static func nothingStored(_ member: String) -> APIError {
        untranslatable(member, "Responses are not stored on this server. Send the whole conversation as 'input'.")
    }
}
