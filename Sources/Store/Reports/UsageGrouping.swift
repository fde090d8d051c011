/// What the rows of a usage report are grouped by, alone or together in any order.
package enum UsageGrouping: String, CaseIterable, Sendable {
    /// The key, by its public id.
    case key
    /// The team that the key belonged to when the request was made.
    case team
    /// The model that answered; where nothing went upstream, the one that was asked for.
    case model
    /// The endpoint, as `chat/completions`.
    case endpoint
    /// Whom the caller named.
    case user
    /// What the caller calls it. A request with several tags counts for each of them, so that the rows may add up to more than
    /// there was.
    case tag
    /// The HTTP status that the caller was sent.
    case status
    /// The hour of the clock in the report's time zone in which the request began.
    case hour
    /// The day in the report's time zone in which the request began.
    case day
    /// The month in the report's time zone in which the request began.
    case month
}
