import Clocks
import Policy

/// Changes of a key for `KeyStore.update`. Members without a change stay.
package struct KeyChanges: Sendable {
    /// The change of an optional member.
    package enum Change<Value: Sendable>: Sendable {
        /// Keeps the present value.
        case keep
        /// Removes the value.
        case clear
        /// Replaces the value.
        case set(Value)

        /// Replaces the value by `value`; nil removes it.
        package static func setting(_ value: Value?) -> Self { value.map { .set($0) } ?? .clear }

        /// The value after the change.
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
    /// The new tier, or nil to keep it. The store does not know the tiers.
    package var tier: String?
    /// The team. Usage of a key without a team counts for no team.
    package var team = Change<String>.keep
    /// The patterns that narrow the tier's models. Without patterns the tier alone decides.
    package var models = Change<[String]>.keep
    /// The moment when the key ends. Without one it never ends.
    package var expiresAt = Change<Timestamp>.keep

    /// The limits of the key's own by kind: those without a change stay.
    package var limits: [LimitKind: Change<Int64>] = [:]

    /// No change.
    package init() {}
}
