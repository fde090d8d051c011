import Policy

/// Reads `tiers`, and the members that name a tier: `default_tier`, `teams`, and `upstream.tier`, which was read
/// before.
struct TierReader {
    private let root: ConfigSection

    init(_ root: ConfigSection) { self.root = root }

    func read(_ configuration: inout Configuration) {
        let entries = root.table("tiers")
        let tiers = entries.map { name, entry in
            // A tier of the vendor's keeps what the file does not name: no limit goes away unseen.
            var tier = TierTable.vendor[name] ?? Tier(name: name)
            if !entry.isNull, let section = entry.section { read(&tier, section) }
            return tier
        }
        configuration.tiers = TierTable(overriding: tiers)
        root.set(&configuration.defaultTier, "default_tier", .text)
        check(configuration.defaultTier, at: "default_tier", in: configuration.tiers)
        configuration.teams = readTeams(configuration.tiers)
        if let tier = configuration.upstream.tier { check(tier, at: "upstream.tier", in: configuration.tiers) }
    }

    private func readTeams(_ tiers: TierTable) -> [String: String] {
        var teams: [String: String] = [:]
        for (name, entry) in root.table("teams") {
            guard let section = entry.section else { continue }
            var tier: String?
            section.setOrClear(&tier, "tier", .text)
            section.finish()
            if let tier {
                teams[name] = tier
                check(tier, at: section.join("tier"), in: tiers)
            } else {
                entry.report("a team needs the member tier")
            }
        }
        return teams
    }

    private func check(_ name: String, at path: String, in tiers: TierTable) {
        guard tiers[name] == nil, let position = root.reading.valuePositions[path] else { return }
        let known = tiers.all.map(\.name)
        root.reading.report(
            ParseProblem(
                "there is no such tier; there are \(known.joined(separator: ", "))",
                suggestion: Suggestion.nearest(to: name, among: known)),
            at: position, path: path)
    }

    private func read(_ tier: inout Tier, _ section: ConfigSection) {
        let count = ValueParser<Int64>.integer(1...Int64.max)
        let euros = ValueParser<Int64>.decimal(places: 9, of: "an amount in EUR").positive
        for kind in LimitKind.allCases {
            section.setOrClear(&tier[kind], kind.rawValue, kind.isMoney ? euros : count)
        }
        section.set(&tier.outputReservation, "output_reservation", count)
        section.set(&tier.overrun, "overrun", .choice)
        var alertAt: [Int]? = tier.alertAt
        section.setOrClear(&alertAt, listOf: "alert_at", .integer(1...100))
        tier.alertAt = Set(alertAt ?? []).sorted()
        section.set(&tier.weight, "weight", .integer(1...1000))
        section.setOrClear(&tier.models, listOf: "models", .pattern)
        section.setOrClear(&tier.endpoints, listOf: "endpoints", .pattern)
        section.finish()
        checkOrder(
            tier[.outputTokensPerHour], "output_tokens_per_hour", tier[.outputTokensPerDay], "output_tokens_per_day",
            section)
        checkOrder(
            tier[.budgetPerDay], "budget_eur_per_day", tier[.budgetPerMonth], "budget_eur_per_month",
            section)
    }

    /// Reports a limit of a shorter time that is above that of a longer one, and so could never be reached.
    private func checkOrder(
        _ shorter: Int64?, _ shorterName: String, _ longer: Int64?, _ longerName: String, _ section: ConfigSection
    ) {
        guard let shorter, let longer, shorter > longer else { return }
        let path = section.join(shorterName)
        let position = section.reading.valuePositions[path] ?? section.position(of: longerName)
        section.reading.report(
            ParseProblem("is more than \(longerName), and could never be reached"), at: position, path: path)
    }
}

extension ValueParser<Int64> {
    /// The same, without 0.
    fileprivate var positive: Self {
        let read = self.read
        return Self { text throws(ParseProblem) in
            let value = try read(text)
            guard value > 0 else { throw ParseProblem("must be more than 0; leave it out for no limit") }
            return value
        }
    }
}
