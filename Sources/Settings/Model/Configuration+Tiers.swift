import Policy
import Yams

extension Tier {
    /// All members of a tier: a limit for each kind, then the rest.
    static var members: [Member<Tier>] {
        let count = ValueFormat<Int64>.integer(1...Int64.max)
        let limits = LimitKind.allCases.map { kind in
            Member(optional: \Tier.[kind], kind.rawValue, kind.format, kind.meaning)
        }
        return limits + [
            .perModel, .perUser,
            Member(
                \.outputReservation, "output_reservation", count,
                "Output tokens that a request without a bound reserves, in a tier without `max_output_tokens`."),
            Member(
                \.overrun, "overrun", .choice,
                "After a stream exceeds its reservation: `finish` lets it continue and counts it, `stop` ends it with an "
                    + "error event."),
            Member(
                list: \.distinctAlerts, "alert_at", .integer(1...100),
                "Percentages of each limit of the calendar at which an alert is sent, once a window."),
            Member(
                \.weight, "weight", .integer(1...1000),
                "Share of the upstream account under contention, relative to the weights of other tiers."),
            Member(
                optionalSection: \.queue, "queue", Tier.Queue.members, Tier.Queue(),
                "Lets requests wait for room in their limits instead of refusing them: those that would fit within `wait`, in "
                    + "turns by `weight`. A request whose client leaves is dropped; a stream gets a comment while it waits.",
                example: """
                    tiers:
                      student:
                        queue: { wait: 30s, length: 1000 }
                    """),
            Member(
                optionalList: \.models, "models", .pattern, "Models that may be used; `null` for all.",
                example: #"""
                    tiers:
                      student:
                        models: ["gpt-oss:*", "granite-embedding:278m"]
                        endpoints: ["chat/completions", "embeddings", "models"]
                    """#),
            Member(
                optionalList: \.endpoints, "endpoints", .pattern,
                "Endpoints that may be used, as `chat/completions`; `null` for all."),
        ]
    }

    /// `alertAt`, in ascending order without repetitions.
    private var distinctAlerts: [Int] {
        get { alertAt }
        set { alertAt = Set(newValue).sorted() }
    }
}

extension Tier.Queue {
    fileprivate static var members: [Member<Tier.Queue>] {
        [
            Member(
                \.wait, "wait", .duration(.milliseconds(1)...(.hours(1))),
                "The longest wait. A request that would have to wait longer is refused at once."),
            Member(
                \.length, "length", .integer(1...1_000_000),
                "The most requests of the tier that wait at one time; further ones are refused at once."),
        ]
    }
}

extension Member<Configuration> {
    static var tiers: Self {
        Self(
            \.tiers, "tiers",
            reference: { _ in
                MemberReference(
                    name: "tiers", form: "table of tiers by name", default: "`{}`",
                    meaning:
                        "Rights and limits of keys. The vendor's tiers `tier-1` to `tier-4`, and `monthly` without "
                        + "limits, are built in: an entry of such a name changes the members that it names. A limit that "
                        + "is left out, or `null`, does not exist. Limits per minute refill steadily; hours, days, weeks "
                        + "and months are those of `time_zone`. `max_output_tokens` is also written into a request without a "
                        + "bound.",
                    example: """
                        tiers:
                          student:
                            requests_per_minute: 20
                            tokens_per_minute: 40000
                            budget_eur_per_day: 2.50
                            max_output_tokens: 4096
                        """, chosenName: "TIER", members: Tier.members.map { $0.reference(Tier(name: "")) })
            },
            read: { section, configuration in
                configuration.tiers = TierTable(
                    overriding: section.table("tiers").map { name, node in
                        var tier = TierTable.vendor[name] ?? Tier(name: name)
                        if !node.isNull { node.section?.read(Tier.members, into: &tier) }
                        return tier
                    })
            },
            write: { configuration in
                let tiers = configuration.tiers.all.map { ($0.name, Node(members: Tier.members, of: $0)) }
                return Node(table: tiers.map { (key: $0, value: $1) })
            })
    }

    static var teams: Self {
        let tier = ValueFormat<String>.text
        return Self(
            \.teams, "teams",
            reference: { _ in
                MemberReference(
                    name: "teams", form: "table of teams by name", default: "`{}`",
                    meaning: "Limits that all keys of a team share, beside the limits of each key.",
                    example: """
                        teams:
                          research: { tier: tier-2 }
                        """, chosenName: "TEAM",
                    members: [
                        MemberReference(
                            name: "tier", form: tier.form, default: "required",
                            meaning: "Tier whose limits the team has.")
                    ])
            },
            read: { section, configuration in
                for (name, node) in section.table("teams") {
                    guard let team = node.section else { continue }
                    configuration.teams[name] = team.nodeWithValue("tier")?.value(tier)
                    team.finish()
                    if configuration.teams[name] == nil { node.report("a team needs the member tier") }
                }
            },
            write: { Node(table: $0.teams.mapValues { Node([(Node("tier"), tier.node($0))], .implicit, .block) }) })
    }
}
