/// A part of the requests of a key, a team or the account, with limits of its own.
package enum LimitPart: Sendable, Hashable {
    /// The requests to the models of an entry of `per_model`, which is its name.
    case model(String)
    /// The requests for the user with this name; empty for those that name none.
    case user(String)

    /// The entry for models; nil for a user.
    package var model: String? { if case .model(let name) = self { name } else { nil } }

    /// The user; nil for models.
    package var user: String? { if case .user(let name) = self { name } else { nil } }
}

/// A part with its owner.
struct OwnedPart: Hashable {
    let part: LimitPart
    let scope: LimitScope
    /// The public id of the key where that is the owner.
    let keyID: String?

    init(_ part: LimitPart, _ scope: LimitScope, of key: KeyRecord) {
        self.part = part
        self.scope = scope
        keyID = scope == .key ? key.id : nil
    }
}
