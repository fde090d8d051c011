import OpenAIAPI

/// How far a request got. Billing follows from it, and from nothing else: a request that was sent is never free because its
/// response is missing or was not understood.
enum Progress {
    /// Nothing was sent upstream.
    case notSent
    /// The request was sent, and nothing of a response was seen.
    case sent
    /// A response is under way, or broke off: its status and what was counted of it.
    case answering(status: Int, ResponseCounters)
    /// The response came to its end.
    case complete(status: Int, ResponseCounters)
}
