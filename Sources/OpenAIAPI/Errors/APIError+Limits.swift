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

    /// A limit as an error tells of it.
    package struct ReachedLimit: Sendable, Equatable {
        /// Whose limit it is, as "this key" or "the team 'research'".
        package var whose: String
        /// Which, as "20 requests a minute".
        package var limit: String
        /// What stands in the way, as "20 are used and 0 held by requests under way".
        package var state: String
        /// Milliseconds until there is room; nil where nobody knows, since that is when requests under way end.
        package var wait: Int64?
        /// When that is, as "2026-11-23T11:00:00Z".
        package var freeAt: String?

        /// A limit of these facts.
        package init(whose: String, limit: String, state: String, wait: Int64?, freeAt: String? = nil) {
            self.whose = whose
            self.limit = limit
            self.state = state
            self.wait = wait
            self.freeAt = freeAt
        }

        fileprivate var milliseconds: Int64 { wait ?? APIError.whileOthersRun }

        /// "Wait 5 seconds, until 2026-11-23T11:00:00Z".
        fileprivate var advice: String {
            guard let wait else { return "Requests under way have to end first. Try again in a moment" }
            return "Wait \(APIError.seconds(wait))" + (freeAt.map { ", until \($0)" } ?? "")
        }

        fileprivate var text: String { "The limit of \(whose), \(limit), is reached: \(state)." }
    }

    /// After which time to look again whether requests under way have ended.
    private static let whileOthersRun: Int64 = 1000

    /// A rate is used up.
    package static func rateLimitExceeded(_ reached: ReachedLimit) -> APIError {
        limit(
            "rate_limit_error", "rate_limit_exceeded", "\(reached.text) \(reached.advice), or ask for a higher tier.",
            wait: reached.milliseconds)
    }

    /// As many requests as the tier allows at one time are under way.
    package static func concurrencyLimitExceeded(_ reached: ReachedLimit) -> APIError {
        limit(
            "rate_limit_error", "concurrency_limit_exceeded", "\(reached.text) \(reached.advice).",
            wait: reached.milliseconds)
    }

    /// The allowance of an hour or a day is used up.
    package static func quotaExceeded(_ reached: ReachedLimit) -> APIError {
        limit(
            "insufficient_quota", "quota_exceeded",
            "\(reached.text) \(reached.advice), or ask for a higher tier to go on before.", wait: reached.milliseconds)
    }

    /// The budget is used up.
    package static func budgetExceeded(_ reached: ReachedLimit) -> APIError {
        limit(
            "insufficient_quota", "budget_exceeded",
            "\(reached.text) \(reached.advice), or ask for a higher budget to go on before.", wait: reached.milliseconds
        )
    }

    /// The account that all keys share has reached its own limit, or what is left of it are other keys' shares.
    package static func upstreamLimitExceeded(_ reached: ReachedLimit) -> APIError {
        limit(
            "rate_limit_error", "upstream_limit_exceeded", "\(reached.text) \(reached.advice).",
            wait: reached.milliseconds)
    }

    /// A stream that named no bound has used up what its limits had left.
    package static var overrun: APIError {
        APIError(
            429, "insufficient_quota", code: "quota_exceeded",
            "The answer is ended here: the limits of this key have nothing left to go on with. Ask for fewer tokens with 'max_tokens'.",
            shouldRetry: false)
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

    fileprivate static func seconds(_ milliseconds: Int64) -> String {
        let seconds = (milliseconds + 999) / 1000
        return seconds == 1 ? "1 second" : "\(seconds) seconds"
    }
}
