import Policy
import Settings

/// The differences between two configurations for people, with the keys that they affect.
struct ChangeText {
    private let differences: [MemberDifference]
    private let policies: Policies
    private let accountTier: String?
    /// The keys that are not revoked.
    private let keys: [KeyRecord]

    /// - Parameters:
    ///   - new: the configuration that has the new values.
    ///   - keys: all keys.
    init(_ differences: [MemberDifference], to new: Configuration, keys: [KeyRecord]) {
        self.differences = differences
        policies = new.policies
        accountTier = new.upstream.tier
        self.keys = keys.filter { $0.revokedAt == nil }
    }

    /// A line for each member, then one for each tier and team with keys.
    var text: String {
        guard !differences.isEmpty else { return "The running gateway has this configuration.\n" }
        let lines = differences.map(line) + effects + warnings.map { "warning: \($0)" }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The same for programs.
    var json: JSONText {
        .object([
            (
                "differences",
                .array(
                    differences.map { difference in
                        .object([
                            ("member", .string(difference.path)), ("old", .optional(difference.old)),
                            ("new", .optional(difference.new)), ("needs_restart", .boolean(difference.needsRestart)),
                        ])
                    })
            ),
            ("effects", .array(effects.map(JSONText.string))), ("warnings", .array(warnings.map(JSONText.string))),
        ])
    }

    /// The keys whose tier or team the new configuration does not have.
    private var warnings: [String] { policies.unlistedNames(of: keys).map { "\($0)" } }

    private func line(_ difference: MemberDifference) -> String {
        let change =
            switch (difference.old, difference.new) {
            case (nil, let new?): "added: \(new)"
            case (_, nil): "removed"
            case (let old?, let new?): "\(old) -> \(new)"
            }
        return "\(difference.path): \(change)" + (difference.needsRestart ? " (at the next start)" : "")
    }

    /// The keys affected by each tier or team that changes.
    private var effects: [String] {
        let teams = changed("teams")
        var lines: [String] = []
        for tier in changed("tiers") {
            lines += effect(on: keys.filter { $0.tier == tier }, "of the tier \(tier)")
            for (team, its) in policies.teams.sorted(by: { $0.key < $1.key }) where its == tier && !teams.contains(team)
            {
                lines += effect(on: keys.filter { $0.team == team }, "of the team \(team), which has the tier \(tier)")
            }
            if accountTier == tier {
                lines += effect(on: keys, "that share the upstream account, which has the tier \(tier)")
            }
        }
        for team in teams { lines += effect(on: keys.filter { $0.team == team }, "of the team \(team)") }
        if differences.contains(where: { $0.names == ["default_tier"] }) {
            lines.append(
                "affects keys that are created without --tier from now on: they have the tier \(policies.defaultTier)")
        }
        return lines
    }

    /// The entries of the table `name` that change, by name.
    private func changed(_ name: String) -> [String] {
        Set(differences.filter { $0.names.count > 1 && $0.names[0] == name }.map { $0.names[1] }).sorted()
    }

    private func effect(on keys: [KeyRecord], _ whose: String) -> [String] {
        guard !keys.isEmpty else { return [] }
        return ["affects \(keys.count) \(keys.count == 1 ? "key" : "keys") \(whose): \(keys.listing)"]
    }
}
