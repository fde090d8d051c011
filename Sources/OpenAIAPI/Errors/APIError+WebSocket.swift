/// Requests for a WebSocket that are not valid handshakes: 400 and 426.
extension APIError {
    /// The path serves WebSockets alone, or the handshake is for another version. The response names the protocol (RFC 9110,
    /// section 15.5.22) and its version (RFC 6455, section 4.4).
    package static var upgradeRequired: APIError {
        APIError(
            426, "invalid_request_error", code: "upgrade_required",
            "This path serves WebSockets. Connect with a WebSocket client of version 13 (RFC 6455), over HTTP/1.1.",
            shouldRetry: false)
    }

    /// The handshake is malformed. `expectation` completes "needs …".
    package static func invalidHandshake(_ expectation: String) -> APIError {
        APIError(
            400, "invalid_request_error", code: "invalid_handshake",
            "The WebSocket handshake is malformed: it needs \(expectation). Use a client of RFC 6455.")
    }
}
