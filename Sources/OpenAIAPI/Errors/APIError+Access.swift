/// Who may do what: 401 and 403.
///
/// Neither is worth another try with the same key, which the SDKs know by the status; it is said all the same, for those that
/// retry everything.
extension APIError {
    private static func authentication(_ code: String, _ message: String) -> APIError {
        APIError(401, "authentication_error", code: code, message, shouldRetry: false)
    }

    private static func permission(_ code: String, param: String?, _ message: String) -> APIError {
        APIError(403, "permission_error", code: code, param: param, message, shouldRetry: false)
    }

    /// No key, or not where it belongs.
    package static var missingAPIKey: APIError {
        authentication(
            "invalid_api_key", "The request has no API key. Send it in the header 'Authorization: Bearer YOUR_KEY'.")
    }

    /// A key that is unknown or malformed.
    package static var invalidAPIKey: APIError {
        authentication(
            "invalid_api_key",
            "The API key is not one of this gateway's. Check that it was copied whole, or ask for a new one.")
    }

    /// A key past its date.
    package static var keyExpired: APIError {
        authentication("api_key_expired", "The API key has expired. Ask for a new one.")
    }

    /// A key that was withdrawn, or replaced and past the grace period.
    package static var keyRevoked: APIError {
        authentication(
            "api_key_revoked", "The API key was revoked or replaced by another. Use the new one, or ask for one.")
    }

    /// A model that the key's tier does not include. The name is shown up to 128 characters.
    package static func modelNotAllowed(_ model: String) -> APIError {
        permission(
            "model_not_allowed", param: "model",
            "This key may not use the model '\(shown(model))'. Use one of those that GET /v1/models lists, or ask for access."
        )
    }

    /// Nothing says which model is asked for, or a place does that is not read, and the key may not use all of them.
    package static var modelNotNamed: APIError {
        permission(
            "model_not_allowed", param: "model",
            "This key may only use some models, and this request does not say which one it is for in a place that can be checked. Name it as 'model', or ask for access."
        )
    }

    /// An endpoint that the key's tier does not include, as `images/generations`.
    package static func endpointNotAllowed(_ endpoint: String) -> APIError {
        permission(
            "endpoint_not_allowed", param: nil,
            "This key may not use the endpoint '\(shown(endpoint))'. Ask for access to it.")
    }
}
