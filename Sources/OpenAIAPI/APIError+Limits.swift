/// Limits reached and a server that cannot take more: 429 and 503.
extension APIError {
    /// Waits longer than this are not worth a client's own retry: Node's SDK ignores them, Cohere's cuts them short, and all
    /// would knock at a closed door.
    private static let longestRetry: Int64 = 60_000

    private static func limit(_ type: String, _ code: String, _ message: String, wait milliseconds: Int64) -> APIError {
        APIError(
            429, type, code: code, message, shouldRetry: milliseconds > longestRetry ? false : nil,
            retryAfterMilliseconds: milliseconds)
    }

    private static func unavailable(_ code: String, _ message: String, wait milliseconds: Int64) -> APIError {
        APIError(503, "service_unavailable_error", code: code, message, retryAfterMilliseconds: milliseconds)
    }

    /// A rate is used up. `limit` names it, as "20 requests a minute"; `milliseconds` is the time until there is room.
    package static func rateLimitExceeded(_ limit: String, wait milliseconds: Int64) -> APIError {
        Self.limit(
            "rate_limit_error", "rate_limit_exceeded",
            "The limit of \(limit) is reached. Wait \(seconds(milliseconds)) and try again, or ask for a higher tier.",
            wait: milliseconds)
    }

    /// As many requests at once as the tier allows are under way.
    package static func concurrencyLimitExceeded(_ limit: Int, wait milliseconds: Int64) -> APIError {
        Self.limit(
            "rate_limit_error", "concurrency_limit_exceeded",
            "\(limit) requests of this key are under way, as many as its tier allows at once. Wait for one to end.",
            wait: milliseconds)
    }

    /// The allowance of an hour, a day or a month is used up. `limit` names it; `milliseconds` is the time until the next.
    package static func quotaExceeded(_ limit: String, wait milliseconds: Int64) -> APIError {
        Self.limit(
            "insufficient_quota", "quota_exceeded",
            "The quota of \(limit) is used up. It is renewed in \(seconds(milliseconds)); ask for a higher tier to go on before.",
            wait: milliseconds)
    }

    /// The budget is used up. `limit` names it; `milliseconds` is the time until the next.
    package static func budgetExceeded(_ limit: String, wait milliseconds: Int64) -> APIError {
        Self.limit(
            "insufficient_quota", "budget_exceeded",
            "The budget of \(limit) is used up. It is renewed in \(seconds(milliseconds)); ask for a higher one to go on before.",
            wait: milliseconds)
    }

    /// The account that all keys share has reached its own limit.
    package static func upstreamLimitExceeded(wait milliseconds: Int64) -> APIError {
        Self.limit(
            "rate_limit_error", "upstream_limit_exceeded",
            "The account that all keys of this gateway share has reached its limit. Wait \(seconds(milliseconds)) and try again.",
            wait: milliseconds)
    }

    /// The gateway is full.
    package static var overloaded: APIError {
        unavailable("overloaded", "The gateway serves as many requests as it can. Try again in a moment.", wait: 1000)
    }

    /// More connections than the gateway takes.
    package static var tooManyConnections: APIError {
        unavailable("overloaded", "The gateway has as many connections as it takes. Try again in a moment.", wait: 1000)
    }

    /// The gateway is shutting down.
    package static var draining: APIError {
        unavailable(
            "draining", "The gateway is shutting down and takes no new requests. Try again in a moment.", wait: 2000)
    }

    /// Usage could not be kept, so nothing may be used.
    package static var storeUnavailable: APIError {
        unavailable(
            "store_unavailable",
            "The gateway's own store is out of reach. Try again; tell its operator if it stays so.",
            wait: 5000)
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let seconds = (milliseconds + 999) / 1000
        return seconds == 1 ? "1 second" : "\(seconds) seconds"
    }
}
