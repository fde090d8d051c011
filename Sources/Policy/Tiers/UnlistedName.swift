/// The name of a tier or a team that keys have and the configuration does not: it deserves a warning, since nobody sees it else.
package struct UnlistedName: Sendable, Equatable {
    /// The meaning of a name.
    package enum Kind: String, Sendable, CaseIterable {
        /// All requests of the keys are refused.
        case tier
        /// No limit of a team holds for the keys. Only where the configuration lists teams at all.
        case team
    }

    /// The kind.
    package let kind: Kind
    /// The name.
    package let name: String
    /// The keys with it that are not revoked, the oldest first.
    package let keys: [KeyRecord]
}

extension UnlistedName: CustomStringConvertible {
    /// The warning, with the keys and the remedy.
    package var description: String {
        let effect =
            switch kind {
            case .tier: "all their requests are refused with tier_unknown; add the tier under tiers"
            case .team: "no limit of a team holds for them; add the team under teams"
            }
        return
            "the configuration has no \(kind.rawValue) \"\(name)\", but keys have it: \(keys.listing); \(effect), or "
            + "change the keys with `propylon keys set KEY --\(kind.rawValue) NAME`"
    }
}

extension [KeyRecord] {
    /// The first ten keys, each as `0123abcdef (ada)`, and the number of the others.
    package var listing: String {
        let named = prefix(10).map { "\($0.id) (\($0.name))" }.joined(separator: ", ")
        return count > 10 ? "\(named) and \(count - 10) more" : named
    }
}

extension Policies {
    /// The tiers and teams of `keys` that the configuration does not have, ordered by name.
    package func unlistedNames(of keys: some Sequence<KeyRecord>) -> [UnlistedName] {
        let affected = keys.filter { key in
            key.revokedAt == nil && (tier(of: key) == nil || !isListed(team: key.team))
        }.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        func names(_ kind: UnlistedName.Kind, _ name: (KeyRecord) -> String?) -> [UnlistedName] {
            let named = affected.filter { name($0) != nil }
            return Dictionary(grouping: named) { name($0) ?? "" }.sorted { $0.key < $1.key }.map {
                UnlistedName(kind: kind, name: $0.key, keys: $0.value)
            }
        }
        return names(.tier) { tier(of: $0) == nil ? $0.tier : nil }
            + names(.team) { isListed(team: $0.team) ? nil : $0.team }
    }

    /// Returns true for a team that `teams` has, and for every team where `teams` is empty: then no team has a limit.
    package func isListed(team: String?) -> Bool {
        guard let team, !teams.isEmpty else { return true }
        return teams[team] != nil
    }
}
