/// The end of a request. The raw values are in the ledger and in the access log.
package enum Ending: String, Hashable, Sendable, CaseIterable {
    /// The client has the whole response, of any status.
    case complete
    /// The gateway refused the request; nothing went upstream.
    case refused
    /// The client disconnected before the end of the response.
    case clientGone = "caller_gone"
    /// The upstream gave no response.
    case upstreamFailed = "upstream_failed"
    /// The upstream broke off within the response.
    case upstreamInterrupted = "upstream_interrupted"
    /// The upstream was silent for too long.
    case upstreamTimeout = "upstream_timeout"
    /// The gateway shut down before the end of the response.
    case drained
    /// The gateway died before the end of the response (`kill -9`, loss of power).
    case gatewayDied = "gateway_died"
    /// The gateway ended the stream: it had exceeded its reservation, and its limits had no room left.
    case overrun
    /// The gateway ended the WebSocket: neither side had sent a byte for `limits.tunnel_idle_timeout`.
    case idleTimeout = "idle_timeout"
    /// The gateway ended the WebSocket: its key was revoked, had expired, or had lost the right to it.
    case keyRefused = "key_refused"
    /// The administrator ended the request.
    case cancelled
}
