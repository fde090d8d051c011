/// The rules of the configuration for requests and prices. One immutable snapshot: a reload makes a new one, and a request uses
/// the same one from start to end.
package struct Policies: Sendable, Equatable {
    /// The tiers.
    package let tiers: TierTable
    /// The tier of keys that are created without one.
    package let defaultTier: String
    /// The tiers that limit whole teams, by the team's name.
    package let teams: [String: String]
    /// The aliases of models.
    package let models: ModelTable
    /// The prices.
    package let prices: PriceList
    /// The energy of tokens.
    package let energy: EnergyTable

    /// Policies with these parts, the vendor's by default.
    package init(
        tiers: TierTable = .vendor, defaultTier: String = "monthly", teams: [String: String] = [:],
        models: ModelTable = ModelTable(), prices: PriceList = .vendor, energy: EnergyTable = .vendor
    ) {
        self.tiers = tiers
        self.defaultTier = defaultTier
        self.teams = teams
        self.models = models
        self.prices = prices
        self.energy = energy
    }

    /// The tier of `key`; nil where it is gone from the configuration.
    package func tier(of key: KeyRecord) -> Tier? { tiers[key.tier] }
}
