/// Failures of the upstream, or on the way to it: 502 and 504, `upstream_error`.
///
/// The SDKs retry both statuses. Where no retry can help until somebody has changed the gateway's settings, they are told.
extension APIError {
    private static func upstream(_ status: Int, _ code: String, _ message: String, shouldRetry: Bool? = nil) -> APIError
    {
        APIError(status, "upstream_error", code: code, message, shouldRetry: shouldRetry)
    }

    /// No connection to the upstream.
    package static var upstreamUnreachable: APIError {
        upstream(
            502, "upstream_unreachable", "The service behind the gateway cannot be reached. Try again in a moment.")
    }

    /// The upstream's certificate or its TLS was refused.
    package static var upstreamTLS: APIError {
        upstream(
            502, "upstream_tls",
            "The service behind the gateway did not prove its identity, so nothing was sent to it. Tell the gateway's operator.",
            shouldRetry: false)
    }

    /// An answer that is no HTTP, or breaks off before its end.
    package static var upstreamProtocol: APIError {
        upstream(
            502, "upstream_protocol", "The service behind the gateway sent a broken answer. Try again in a moment.")
    }

    /// The upstream refuses the gateway's key. Never 401: the caller's key is fine.
    package static var upstreamAuth: APIError {
        upstream(
            502, "upstream_auth",
            "The service behind the gateway refuses the gateway's own credentials; yours are fine. Tell the gateway's operator.",
            shouldRetry: false)
    }

    /// Nothing came from the upstream for too long.
    package static var upstreamTimeout: APIError {
        upstream(
            504, "upstream_timeout",
            "The service behind the gateway did not answer in time. Try again, or ask for less.")
    }

    /// The upstream's answer broke off in mid-stream. It is sent as an event: the status has long been sent.
    package static var upstreamInterrupted: APIError {
        upstream(
            502, "upstream_interrupted",
            "The answer of the service behind the gateway broke off before its end. What has arrived is incomplete. Try again."
        )
    }
}
