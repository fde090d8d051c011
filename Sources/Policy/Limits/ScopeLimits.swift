/// The limits of all scopes of one request.
struct ScopeLimits {
    let key: TierLimits
    let team: TierLimits?
    let account: TierLimits?
    /// Those of their parts; mostly none.
    let parts: [TierLimits]

    /// True where tokens or money are limited, of any scope.
    var countTokens: Bool {
        key.limitsOutput || team?.limitsOutput == true || account?.limitsOutput == true
            || parts.contains { $0.limitsOutput }
    }

    /// The most output tokens that all of them allow for one request; nil without a limit.
    var maxOutputTokens: Int64? {
        var most: Int64?
        forEach { if let limit = $0.maxOutputTokens { most = min(most ?? limit, limit) } }
        return most
    }

    func forEach(_ body: (TierLimits) -> Void) {
        body(key)
        if let team { body(team) }
        if let account { body(account) }
        for part in parts { body(part) }
    }
}
