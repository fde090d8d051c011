/// The groupings of a usage report, alone or together in any order.
package enum UsageGrouping: String, CaseIterable, Sendable {
    /// The key, by its public id.
    case key
    /// The key's team at the time of the request.
    case team
    /// The model that answered, or the requested one if nothing went upstream.
    case model
    /// The endpoint, as `chat/completions`.
    case endpoint
    /// The end user that the client named.
    case user
    /// The tags of the client. A request with several tags counts for each, so that the rows may add up to more than the sum.
    case tag
    /// The HTTP status of the response to the client.
    case status
    /// How the request ended, as `complete`; none for those of versions that did not keep it.
    case ending
    /// The cause of a failure, as `Cause` names it.
    case cause
    /// The limit that refused the request, as `LimitName` writes it.
    case limit
    /// The clock hour of the request's start, in the report's time zone.
    case hour
    /// The day of the request's start, in the report's time zone.
    case day
    /// The month of the request's start, in the report's time zone.
    case month

    /// The columns of groups that tell the value.
    var columns: [String] {
        switch self {
        case .key: ["key_id"]
        case .team: ["team"]
        case .model: ["model_asked", "model_served"]
        case .endpoint: ["endpoint"]
        case .user: ["user"]
        case .tag: ["tags"]
        case .status: ["status"]
        case .ending: ["group_ending"]
        case .cause: ["cause"]
        case .limit: ["refused_by"]
        case .hour, .day, .month: []
        }
    }

    /// True for the periods of a request's start.
    package var isOfTime: Bool {
        switch self {
        case .hour, .day, .month: true
        case .key, .team, .model, .endpoint, .user, .tag, .status, .ending, .cause, .limit: false
        }
    }
}
