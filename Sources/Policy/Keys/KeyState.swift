import Clocks

/// The state of a key, in the order in which it decides: a revoked key that has expired is revoked.
package enum KeyState: String, Sendable, CaseIterable {
    case active, suspended, expired, revoked
}

extension KeyRecord {
    /// The state at `now`.
    package func state(at now: Timestamp) -> KeyState {
        if revokedAt != nil { return .revoked }
        if let expiresAt, expiresAt <= now { return .expired }
        return suspendedAt != nil ? .suspended : .active
    }
}
