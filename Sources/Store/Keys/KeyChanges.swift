import Clocks
import Policy

/// What `KeyStore.update` changes of a key; what is not named stays.
package struct KeyChanges: Sendable {
    /// What becomes of a member that a key need not have.
    package enum Change<Value: Sendable>: Sendable {
        /// It stays as it is.
        case keep
        /// It is taken away.
        case clear
        /// It is this from now on.
        case set(Value)

        func applied(to before: Value?) -> Value? {
            switch self {
            case .keep: before
            case .clear: nil
            case .set(let value): value
            }
        }
    }

    /// The new name, or nil to keep it.
    package var name: String?
    /// The new tier, or nil to keep it. The store does not know which tiers there are.
    package var tier: String?
    /// The team; without one the key's usage counts for no team.
    package var team = Change<String>.keep
    /// The patterns that narrow the tier's models; without any the tier alone decides.
    package var models = Change<[String]>.keep
    /// When the key ends; without it never.
    package var expiresAt = Change<Timestamp>.keep

    /// Nothing is changed.
    package init() {}
}
