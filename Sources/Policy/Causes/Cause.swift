/// The cause of a failed request, or of a change of state: the one table of causes.
///
/// The raw value is in the ledger, the access log, metrics and events, and never changes. A refusal by the gateway has the
/// code of its error as its cause, where that is in the table, and `invalid_request` otherwise.
package enum Cause: String, Hashable, Sendable, CaseIterable {
    case invalidRequest = "invalid_request"
    case unknownURL = "unknown_url"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case requestTooLarge = "request_too_large"
    case requestTimeout = "request_timeout"
    case invalidKey = "invalid_api_key"
    case keyExpired = "api_key_expired"
    case keyRevoked = "api_key_revoked"
    case keySuspended = "api_key_suspended"
    case modelNotAllowed = "model_not_allowed"
    case endpointNotAllowed = "endpoint_not_allowed"
    case tierUnknown = "tier_unknown"
    case maxTokensExceeded = "max_tokens_exceeded"
    case rateLimit = "rate_limit_exceeded"
    case concurrencyLimit = "concurrency_limit_exceeded"
    case quota = "quota_exceeded"
    case budget = "budget_exceeded"
    case accountLimit = "upstream_limit_exceeded"
    case overrun
    case clientGone = "client_gone"

    case overloaded
    case draining
    case requestCancelled = "request_cancelled"
    case storeUnavailable = "store_unavailable"
    case poolFull = "upstream_pool_full"
    case gatewayDied = "gateway_died"

    case upstreamKeyRefused = "upstream_key_refused"
    case upstreamKeyLimited = "upstream_key_limited"
    case upstreamHostUnknown = "upstream_host_unknown"
    case upstreamConnectionRefused = "upstream_connection_refused"
    case upstreamUnreachable = "upstream_unreachable"
    case upstreamConnectTimeout = "upstream_connect_timeout"
    case connectFailed = "upstream_connect_failed"
    case proxyFailed = "upstream_proxy_failed"
    case upstreamCertificate = "upstream_certificate"
    case upstreamTLS = "upstream_tls"
    case upstreamClosed = "upstream_closed"
    case upstreamFirstByteTimeout = "upstream_first_byte_timeout"
    case upstreamInterrupted = "upstream_interrupted"
    case upstreamIdleTimeout = "upstream_idle_timeout"
    case upstreamMalformed = "upstream_malformed"
    case upstreamUnreadable = "upstream_unreadable"
    case upstreamHandshake = "upstream_handshake"
    case upstreamError = "upstream_error"
    case upstreamRejected = "upstream_rejected"
}

extension Cause {
    /// The side that is at fault.
    package enum Side: String, Sendable, CaseIterable {
        case client, upstream, gateway
    }

    /// The cause of a refusal that answers with an error of this `code`.
    package init(refusalCode code: String) { self = Cause(rawValue: code) ?? .invalidRequest }

    /// The side that is at fault.
    package var side: Side { row.side }

    /// The cause and the remedy for people.
    package var meaning: String { row.meaning }
}
