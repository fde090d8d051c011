/// Limits that are reached: 429.
extension APIError {
    /// The longest wait, in milliseconds, that clients should retry after. Node's SDK ignores longer ones, Cohere's
    /// cuts them short.
    private static let longestRetry: Int64 = 60_000

    /// A limit is reached. Waits of more than a minute, or for ever, advise against a retry.
    package static func limitReached(_ error: LimitError, _ reached: ReachedLimit) -> APIError {
        let milliseconds = reached.retryAfterMilliseconds
        return APIError(
            429, error.type, code: error.rawValue, reached.message(error.alternative),
            shouldRetry: milliseconds ?? .max > longestRetry ? false : nil, retryAfterMilliseconds: milliseconds)
    }

    /// A stream without a bound has used up the rest of its limits.
    package static var overrun: APIError {
        APIError(
            429, LimitError.quota.type, code: LimitError.quota.rawValue,
            "The answer is ended here: the limits of this key have nothing left to go on with. Ask for fewer tokens with 'max_tokens'.",
            shouldRetry: false)
    }
}
