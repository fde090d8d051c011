/// The limits of all scopes of one request.
struct ScopeLimits {
    let key: TierLimits
    let team: TierLimits?
    let account: TierLimits?

    func forEach(_ body: (TierLimits) -> Void) {
        body(key)
        if let team { body(team) }
        if let account { body(account) }
    }
}
