/// The rights of a token of the admin API.
package enum AdminScope: Sendable, Hashable {
    /// Sees everything and changes nothing.
    case read
    /// Sees and changes the keys of one team, and nothing else.
    case keys(team: String)
    /// Sees and changes everything.
    case admin

    private static let team = "keys:team="

    /// Reads `read`, `admin` or `keys:team=NAME`; nil for another text.
    package init?(_ text: String) {
        switch text {
        case "read": self = .read
        case "admin": self = .admin
        default:
            guard text.hasPrefix(Self.team), text.utf8.count > Self.team.utf8.count else { return nil }
            self = .keys(team: String(text.dropFirst(Self.team.count)))
        }
    }

    /// The text that `init` reads.
    package var text: String {
        switch self {
        case .read: "read"
        case .admin: "admin"
        case .keys(let team): Self.team + team
        }
    }

    /// The least right that an operation needs.
    package enum Need: Sendable, Hashable {
        /// Reports on all keys.
        case read
        /// Keys, as the caller may see them.
        case readKeys
        /// Changes of keys, as the caller may see them.
        case changeKeys
        /// Changes of the gateway.
        case admin
    }

    /// Returns true where the rights are enough for `need`.
    package func allows(_ need: Need) -> Bool {
        switch self {
        case .admin: true
        case .read: need == .read || need == .readKeys
        case .keys: need == .readKeys || need == .changeKeys
        }
    }

    /// The only team whose keys exist for the caller; nil for all keys.
    package var team: String? {
        if case .keys(let team) = self { team } else { nil }
    }
}
