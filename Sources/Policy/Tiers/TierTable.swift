/// The tiers by name: the vendor's, and those of the configuration.
package struct TierTable: Sendable, Equatable {
    private let tiers: [String: Tier]

    /// The vendor's tiers and those of `overriding`, which replace a vendor's tier with the same name as a whole.
    package init(overriding: [Tier] = []) {
        var tiers = Dictionary(uniqueKeysWithValues: Self.vendorTiers.map { ($0.name, $0) })
        for tier in overriding { tiers[tier.name] = tier }
        self.tiers = tiers
    }

    /// The vendor's tiers alone.
    package static let vendor = TierTable()

    /// The tier with this name.
    package subscript(name: String) -> Tier? { tiers[name] }

    /// All tiers, ordered by name.
    package var all: [Tier] { tiers.values.sorted { $0.name < $1.name } }

    /// The tiers of the vendor's page "Tiers of the service": EUR per month, output tokens per hour and per day. The tier
    /// `monthly` has no limit.
    private static let vendorTiers: [Tier] = [
        vendorTier("tier-1", eurosPerMonth: 1000, outputTokensPerHour: 150_000, outputTokensPerDay: 3_600_000),
        vendorTier("tier-2", eurosPerMonth: 3000, outputTokensPerHour: 300_000, outputTokensPerDay: 7_200_000),
        vendorTier("tier-3", eurosPerMonth: 5000, outputTokensPerHour: 450_000, outputTokensPerDay: 10_800_000),
        vendorTier("tier-4", eurosPerMonth: 10_000, outputTokensPerHour: 600_000, outputTokensPerDay: 14_400_000),
        Tier(name: "monthly"),
    ]

    private static func vendorTier(
        _ name: String, eurosPerMonth: Int64, outputTokensPerHour: Int64, outputTokensPerDay: Int64
    ) -> Tier {
        var tier = Tier(name: name)
        tier[.budgetPerMonth] = eurosPerMonth * 1_000_000_000
        tier[.outputTokensPerHour] = outputTokensPerHour
        tier[.outputTokensPerDay] = outputTokensPerDay
        return tier
    }
}
