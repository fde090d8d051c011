/// The owner of a limit. Every request is held against its key, its team where it has one, and the account.
package enum LimitScope: Sendable, Hashable {
    /// One key.
    case key
    /// All keys of the team with this name together.
    case team(String)
    /// All keys together: the account at the upstream.
    case account

    /// `key`, `team` or `account`, for reports, metrics and alerts.
    package var name: String {
        switch self {
        case .key: "key"
        case .team: "team"
        case .account: "account"
        }
    }
}
