/// Failures of the upstream, or on the way to it: 502 and 504, `upstream_error`.
///
/// SDKs retry both statuses, unless the error says that only the gateway's operator can help.
extension APIError {
    private static func upstream(_ status: Int, _ code: String, _ message: String, shouldRetry: Bool? = nil) -> APIError
    {
        APIError(status, "upstream_error", code: code, message, shouldRetry: shouldRetry)
    }

    /// No connection to the upstream is possible.
    package static var upstreamUnreachable: APIError {
        upstream(
            502, "upstream_unreachable", "The service behind the gateway cannot be reached. Try again in a moment.")
    }

    /// The upstream's certificate or TLS was refused.
    package static var upstreamTLS: APIError {
        upstream(
            502, "upstream_tls",
            "The service behind the gateway did not prove its identity, so nothing was sent to it. Tell the gateway's operator.",
            shouldRetry: false)
    }

    /// The response is not valid HTTP, or ends early.
    package static var upstreamProtocol: APIError {
        upstream(
            502, "upstream_protocol", "The service behind the gateway sent a broken answer. Try again in a moment.")
    }

    /// The upstream refuses the gateway's key. Not a 401, because the client's key is valid.
    package static var upstreamAuth: APIError {
        upstream(
            502, "upstream_auth",
            "The service behind the gateway refuses the gateway's own credentials; yours are fine. Tell the gateway's operator.",
            shouldRetry: false)
    }

    /// The upstream sent nothing for too long.
    package static var upstreamTimeout: APIError {
        upstream(
            504, "upstream_timeout",
            "The service behind the gateway did not answer in time. Try again, or ask for less.")
    }

    /// The upstream's response ended during a stream. Sent as an event, because the head has been sent.
    package static var upstreamInterrupted: APIError {
        upstream(
            502, "upstream_interrupted",
            "The answer of the service behind the gateway broke off before its end. What has arrived is incomplete. Try again."
        )
    }
}
