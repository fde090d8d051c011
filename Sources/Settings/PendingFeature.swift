import Policy

/// Members that are read and checked, but whose feature this version does not have yet. A configuration that uses one
/// gets a warning. Whoever builds the feature deletes its row.
struct PendingFeature: Sendable {
    /// The members of a configuration that use the feature, by path: those that differ from their defaults.
    let uses: @Sendable (Configuration) -> [String]

    static let all: [PendingFeature] = [
        tier("requests_per_minute", \.requestsPerMinute),
        tier("tokens_per_minute", \.tokensPerMinute),
        tier("output_tokens_per_hour", \.outputTokensPerHour),
        tier("output_tokens_per_day", \.outputTokensPerDay),
        tier("budget_eur_per_day", \.budgetPerDay),
        tier("budget_eur_per_month", \.budgetPerMonth),
        tier("concurrent_requests", \.concurrentRequests),
        tier("max_output_tokens", \.maxOutputTokens),
        tier("output_reservation", \.outputReservation),
        tier("overrun", \.overrun),
        tier("alert_at", \.alertAt),
        tier("weight", \.weight),
        PendingFeature { $0.tiers[$0.defaultTier]?.hasLimits ?? false ? ["default_tier"] : [] },
        PendingFeature { $0.teams.keys.sorted().map { "teams.\($0).tier" } },
        member("upstream.tier", \.upstream.tier, default: nil),
        member("limits.reset_format", \.limits.resetFormat, default: .unix),
        member("alerts.webhook", \.alerts.webhook, default: nil),
        member("alerts.secret", \.alerts.secret, default: nil),
    ]

    private static func member<Value: Equatable & Sendable>(
        _ path: String, _ value: any KeyPath<Configuration, Value> & Sendable, default standard: Value
    ) -> PendingFeature {
        PendingFeature { $0[keyPath: value] == standard ? [] : [path] }
    }

    private static func tier<Value: Equatable & Sendable>(_ name: String, _ value: any KeyPath<Tier, Value> & Sendable)
        -> PendingFeature
    {
        PendingFeature { configuration in
            configuration.tiers.all.filter { tier in
                let standard = TierTable.vendor[tier.name] ?? Tier(name: tier.name)
                return tier[keyPath: value] != standard[keyPath: value]
            }.map { "tiers.\($0.name).\(name)" }
        }
    }
}

extension Tier {
    fileprivate var hasLimits: Bool {
        [
            requestsPerMinute, tokensPerMinute, outputTokensPerHour, outputTokensPerDay, concurrentRequests,
            maxOutputTokens,
        ]
        .contains { $0 != nil } || budgetPerDay != nil || budgetPerMonth != nil
    }
}
