/// The errors of a limit that is reached. The raw value is `error.code`.
package enum LimitError: String, Sendable, CaseIterable {
    /// A rate is used up.
    case rate = "rate_limit_exceeded"
    /// The tier's number of simultaneous requests is in flight.
    case concurrency = "concurrency_limit_exceeded"
    /// The quota of an hour or a day is used up.
    case quota = "quota_exceeded"
    /// The budget is used up.
    case budget = "budget_exceeded"
    /// The account that all keys share has reached its limit, or the rest of it is the share of other keys.
    case upstream = "upstream_limit_exceeded"

    /// `error.type`.
    var type: String {
        switch self {
        case .rate, .concurrency, .upstream: "rate_limit_error"
        case .quota, .budget: "insufficient_quota"
        }
    }

    /// The end of the message: an alternative to waiting, if there is one.
    var alternative: String {
        switch self {
        case .rate: ", or ask for a higher tier."
        case .quota: ", or ask for a higher tier to go on before."
        case .budget: ", or ask for a higher budget to go on before."
        case .concurrency, .upstream: "."
        }
    }
}
