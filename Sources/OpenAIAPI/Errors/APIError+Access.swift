/// Keys and permissions: 401 and 403.
///
/// A retry with the same key cannot succeed. SDKs know this by the status; `x-should-retry` tells clients that retry
/// everything.
extension APIError {
    private static func authentication(_ code: String, _ message: String) -> APIError {
        APIError(401, "authentication_error", code: code, message, shouldRetry: false)
    }

    private static func permission(_ code: String, param: String?, _ message: String) -> APIError {
        APIError(403, "permission_error", code: code, param: param, message, shouldRetry: false)
    }

    /// The request has no key where one is looked for.
    package static var missingAPIKey: APIError {
        authentication(
            "invalid_api_key",
            "The request has no API key. Send it in the header 'Authorization: Bearer YOUR_KEY', 'x-api-key' or 'api-key'."
        )
    }

    /// The key is unknown or malformed.
    package static var invalidAPIKey: APIError {
        authentication(
            "invalid_api_key",
            "The API key is not one of this gateway's. Check that it was copied whole, or ask for a new one.")
    }

    /// The key is past its expiry date.
    package static var keyExpired: APIError {
        authentication("api_key_expired", "The API key has expired. Ask for a new one.")
    }

    /// The key was revoked, or replaced and past its grace period.
    package static var keyRevoked: APIError {
        authentication(
            "api_key_revoked", "The API key was revoked or replaced by another. Use the new one, or ask for one.")
    }

    /// The key is suspended, and may be resumed.
    package static var keySuspended: APIError {
        authentication(
            "api_key_suspended", "The API key is suspended. Ask the administrator to resume it, or use another one.")
    }

    /// The key's tier does not include the model. The message contains up to 128 characters of its name.
    package static func modelNotAllowed(_ model: String) -> APIError {
        permission(
            "model_not_allowed", param: "model",
            "This key may not use the model '\(shown(model))'. Use one of those that GET /v1/models lists, or ask for access."
        )
    }

    /// The request names no model that the gateway can read, and the key may not use every model.
    package static var modelNotNamed: APIError {
        permission(
            "model_not_allowed", param: "model",
            "This key may only use some models, and the gateway cannot see which one this path uses: it reads 'model' in bodies of application/json alone. Send the model there if the path takes one, or ask for a key without a list of models."
        )
    }

    /// The key's tier does not include the endpoint, for example `images/generations`.
    package static func endpointNotAllowed(_ endpoint: String) -> APIError {
        permission(
            "endpoint_not_allowed", param: nil,
            "This key may not use the endpoint '\(shown(endpoint))'. Ask for access to it.")
    }

    /// The administrator has ended the request.
    ///
    /// A 403 for another reason than the key (RFC 9110, section 15.5.4): clients repeat 5xx, 408, 409 and 429, some of them
    /// whatever `x-should-retry` says, and the request would be back at once.
    package static var requestCancelled: APIError {
        permission(
            "request_cancelled", param: nil,
            "The administrator of this gateway has ended the request. Ask them before you send it again.")
    }

    /// The key's tier, which has this name, is not in the configuration. The message contains up to 128 characters of it.
    package static func tierUnknown(_ tier: String) -> APIError {
        permission(
            "tier_unknown", param: nil,
            "The gateway does not know the tier '\(shown(tier))' of this key, so nothing is allowed. Ask the administrator to add the tier, or to give the key another one."
        )
    }
}
