import OpenAIAPI

/// The progress of a request. Billing follows from it alone: a request that was sent is never free because its response is
/// missing or was not understood.
enum Progress {
    /// The request was not sent upstream.
    case notSent
    /// The request was sent, and nothing of a response was seen.
    case sent
    /// A response is under way, or broke off: its status and what was counted of it.
    case answering(status: Int, ResponseCounters)
    /// The response is complete.
    case complete(status: Int, ResponseCounters)

    /// The status of the upstream's response; nil without one.
    var status: Int? {
        switch self {
        case .notSent, .sent: nil
        case .answering(let status, _), .complete(let status, _): status
        }
    }

    /// The request may have reached the upstream.
    var wasSent: Bool { if case .notSent = self { false } else { true } }
}
