import Clocks

/// The limits of a configuration. One immutable value, replaced as a whole by a reload.
package struct LimitRules: Sendable {
    private let table: TierTable
    private let tiers: [String: TierLimits]
    private let teams: [String: TierLimits]
    let account: TierLimits?
    /// True where a tier has limits for parts of its requests.
    let haveParts: Bool
    let prices: PriceList
    let zone: ZoneOffsets

    /// The limits of `policies`, and of the account where `accountTier` names its tier.
    ///
    /// - Parameter zone: the time zone of hours, days, weeks and months. It has to cover the time that the gateway runs.
    package init(_ policies: Policies, accountTier: String?, zone: ZoneOffsets) {
        let tiers = Dictionary(
            uniqueKeysWithValues: policies.tiers.all.map { ($0.name, TierLimits($0, PartLimits($0))) })
        table = policies.tiers
        self.tiers = tiers
        teams = policies.teams.compactMapValues { tiers[$0] }
        haveParts = tiers.values.contains { $0.parts != nil }
        account = accountTier.flatMap { tiers[$0] }
        prices = policies.prices
        self.zone = zone
    }

    /// True where a tier has a limit per minute.
    ///
    /// Where only keys have some, these begin at zero after a restart, for a minute.
    var limitMinutes: Bool { tiers.values.contains { $0.limitMinutes } }

    /// The limits of a key at `now`; nil where the configuration does not have its tier.
    func limits(of key: KeyRecord, at now: Timestamp) -> TierLimits? {
        guard !key.limits.isEmpty, let tier = table[key.tier] else { return tiers[key.tier] }
        return TierLimits(tier, tiers[key.tier]?.parts, of: key, at: now)
    }

    /// The limits that take the place of `former`, those of a key; nil where the configuration does not have its tier.
    func limits(after former: TierLimits, at now: Timestamp) -> TierLimits? {
        former.key.map { limits(of: $0, at: now) } ?? tiers[former.name]
    }

    /// The limits of a team; nil where it has none.
    func team(_ name: String) -> TierLimits? { teams[name] }
}
