import Policy
import Yams

/// Limits of parts of a tier's requests.
extension Member<Tier> {
    static var perModel: Self {
        Self(
            \.perModel, "per_model",
            reference: { _ in
                MemberReference(
                    name: "per_model", form: "table of limits by model", default: "`{}`",
                    meaning:
                        "Limits for some models, beside those of the tier: any limit that a tier may have. A name may have `*` "
                        + "for any characters; all models of an entry share its limits. One entry holds for a model: that "
                        + "with its name, else the longest that matches.",
                    example: """
                        tiers:
                          student:
                            per_model: { "gpt-oss:120b": { tokens_per_day: 50000 } }
                            per_user: { budget_eur_per_day: 1 }
                        """, chosenName: "MODEL")
            },
            read: { section, tier in
                for (name, node) in section.table("per_model") {
                    if name.isEmpty { node.report("needs the name of a model, or a pattern such as gpt-oss:*") }
                    let limits = LimitTable(node)
                    tier.perModel[name] = limits.isEmpty ? nil : limits
                }
            },
            write: { Node(table: $0.perModel.mapValues(\.node)) })
    }

    static var perUser: Self {
        Self(
            \.perUser, "per_user",
            reference: { _ in
                MemberReference(
                    name: "per_user", form: "table of limits", default: "`{}`",
                    meaning:
                        "Limits of each user that requests name in `user` or in `metering.user_header`, beside those of the "
                        + "tier: for each key, or within the team or the account that has the tier. Requests without a user, "
                        + "and batches, are those of one user. A key has up to \(ClientWord.usersOfKey) users at a time; "
                        + "further ones share the limits of one. Rows that `metering.retention` has folded name no user, "
                        + "and count for none.")
            },
            read: { section, tier in
                if let node = section.node("per_user") { tier.perUser = LimitTable(node) }
            },
            write: { $0.perUser.node })
    }
}

/// The limits of a part.
private typealias LimitTable = [LimitKind: Int64]

extension LimitTable {
    private static var members: [Member<LimitTable>] {
        LimitKind.allCases.map { Member(optional: \LimitTable[$0], $0.rawValue, $0.format, $0.meaning) }
    }

    /// The limits that `node` says.
    fileprivate init(_ node: ConfigNode) {
        self.init()
        if !node.isNull { node.section?.read(Self.members, into: &self) }
    }

    /// The limits that there are.
    fileprivate var node: Node {
        let limits = LimitKind.allCases.compactMap { kind in self[kind].map { (kind, $0) } }
        return Node(limits.map { (Node($0.rawValue), $0.format.node($1)) }, .implicit, .block)
    }
}
