/// A limit without its amounts and without names of owners, so that there are few: the limit that refused a request.
///
/// In text it is `key:tokens_per_minute`, `team:budget_eur_per_month` or, for a part of the requests, `key_model:tokens_per_day`.
package struct LimitName: Hashable, Sendable, LosslessStringConvertible {
    /// Whose limit it is, and of which part of the requests: the scopes of reports and metrics.
    package enum Scope: String, Sendable, CaseIterable {
        case key, team, account
        case keyModel = "key_model"
        case teamModel = "team_model"
        case accountModel = "account_model"
        case keyUser = "key_user"
        case teamUser = "team_user"
        case accountUser = "account_user"

        /// The scope of a limit of `scope` for `part` of its requests.
        package init(_ scope: LimitScope, _ part: LimitPart?) {
            self =
                switch (scope, part) {
                case (.key, nil): .key
                case (.team, nil): .team
                case (.account, nil): .account
                case (.key, .model): .keyModel
                case (.team, .model): .teamModel
                case (.account, .model): .accountModel
                case (.key, .user): .keyUser
                case (.team, .user): .teamUser
                case (.account, .user): .accountUser
                }
        }
    }

    /// Whose limit it is.
    package let scope: Scope
    /// The limit.
    package let kind: LimitKind

    /// The limit that refused.
    package init(_ refusal: LimitRefusal) {
        scope = Scope(refusal.scope, refusal.part)
        kind = refusal.kind
    }

    /// The limit of this name; nil for any other text.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let scope = Scope(rawValue: parts[0]), let kind = LimitKind(rawValue: parts[1]) else {
            return nil
        }
        self.scope = scope
        self.kind = kind
    }

    package var description: String { "\(scope.rawValue):\(kind.rawValue)" }
}
