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

    /// Returns true if a limit forbids one request to ask for `outputTokens`.
    func forbid(outputTokens: Int64) -> Bool {
        func forbids(_ limits: TierLimits?) -> Bool { limits?.maxOutputTokens.map { outputTokens > $0 } ?? false }
        return forbids(key) || forbids(team) || forbids(account) || parts.contains(where: forbids)
    }

    func forEach(_ body: (TierLimits) -> Void) {
        body(key)
        if let team { body(team) }
        if let account { body(account) }
        for part in parts { body(part) }
    }
}
