extension LimitKind {
    /// The meaning in one sentence, for the reference of the configuration.
    package var meaning: String {
        switch self {
        case .requestsPerMinute: "Requests in any minute."
        case .tokensPerMinute: "Input and output tokens in any minute."
        case .outputTokensPerHour: "Output tokens in an hour of `time_zone`."
        case .outputTokensPerDay: "Output tokens in a day of `time_zone`."
        case .budgetPerDay: "Cost in a day of `time_zone`."
        case .budgetPerMonth: "Cost in a month of `time_zone`."
        case .concurrentRequests: "Requests in progress at one time."
        case .maxOutputTokens:
            "Output tokens that one request may ask for. Written into a request that names no bound."
        }
    }
}
