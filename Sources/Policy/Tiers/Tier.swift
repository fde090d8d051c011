/// What the keys of one kind may do, and how much. A limit that is nil does not exist.
package struct Tier: Sendable, Equatable {
    /// What happens to a stream that runs beyond its reservation.
    package enum Overrun: String, Sendable, CaseIterable {
        /// It goes on; the excess is counted and seen in reports.
        case finish
        /// It is ended with an error event.
        case stop
    }

    /// Its name in the configuration.
    package let name: String
    /// Requests in a minute.
    package var requestsPerMinute: Int64?
    /// Tokens in a minute, input and output together.
    package var tokensPerMinute: Int64?
    /// Output tokens in an hour of the configured time zone.
    package var outputTokensPerHour: Int64?
    /// Output tokens in a day of the configured time zone.
    package var outputTokensPerDay: Int64?
    /// Money in a day of the configured time zone.
    package var budgetPerDay: NanoEuros?
    /// Money in a month of the configured time zone.
    package var budgetPerMonth: NanoEuros?
    /// Requests at one time.
    package var concurrentRequests: Int64?
    /// The most output tokens that one request may ask for; written into a request that names none.
    package var maxOutputTokens: Int64?
    /// Output tokens that a request reserves which names no bound, where `maxOutputTokens` is nil.
    package var outputReservation: Int64 = 4096
    /// What happens to a stream that runs beyond its reservation.
    package var overrun = Overrun.finish
    /// Percentages of a limit, ascending, at which an alert is given once a window.
    package var alertAt = [80, 100]
    /// Its share of the upstream account under contention, relative to the other tiers' weights.
    package var weight = 1
    /// The models it may use; nil for all.
    package var models: [NamePattern]?
    /// The endpoints it may use, as `chat/completions`; nil for all.
    package var endpoints: [NamePattern]?

    /// A tier without any limit.
    package init(name: String) { self.name = name }

    /// The limit of the kind `kind`, in its unit; money in nano-euros. Nil where there is none.
    package subscript(kind: LimitKind) -> Int64? {
        get {
            switch kind {
            case .requestsPerMinute: requestsPerMinute
            case .tokensPerMinute: tokensPerMinute
            case .outputTokensPerHour: outputTokensPerHour
            case .outputTokensPerDay: outputTokensPerDay
            case .budgetPerDay: budgetPerDay?.amount
            case .budgetPerMonth: budgetPerMonth?.amount
            case .concurrentRequests: concurrentRequests
            case .maxOutputTokens: maxOutputTokens
            }
        }
        set {
            switch kind {
            case .requestsPerMinute: requestsPerMinute = newValue
            case .tokensPerMinute: tokensPerMinute = newValue
            case .outputTokensPerHour: outputTokensPerHour = newValue
            case .outputTokensPerDay: outputTokensPerDay = newValue
            case .budgetPerDay: budgetPerDay = newValue.map { NanoEuros($0) }
            case .budgetPerMonth: budgetPerMonth = newValue.map { NanoEuros($0) }
            case .concurrentRequests: concurrentRequests = newValue
            case .maxOutputTokens: maxOutputTokens = newValue
            }
        }
    }

    /// Whether it may use the model `model`, taken as it is: aliases are `Policies.allows(_:model:)`'s concern.
    package func allows(model: String) -> Bool { models?.contains { $0.matches(model) } ?? true }

    /// Whether it may use the endpoint `endpoint`, as `chat/completions`.
    package func allows(endpoint: String) -> Bool { endpoints?.contains { $0.matches(endpoint) } ?? true }
}

/// The tiers by name: the vendor's, and those of the configuration, which add to them or take their place.
package struct TierTable: Sendable, Equatable {
    private let tiers: [String: Tier]

    /// The vendor's tiers, each whole one replaced where `overriding` has one of its name, and the others of
    /// `overriding`.
    package init(overriding: [Tier] = []) {
        var tiers = Dictionary(uniqueKeysWithValues: Self.vendorTiers.map { ($0.name, $0) })
        for tier in overriding { tiers[tier.name] = tier }
        self.tiers = tiers
    }

    /// The vendor's tiers alone.
    package static let vendor = TierTable()

    /// The tier called `name`.
    package subscript(name: String) -> Tier? { tiers[name] }

    /// All tiers, ordered by name.
    package var all: [Tier] { tiers.values.sorted { $0.name < $1.name } }

    /// The table of the vendor's page "Tiers of the service" (UPSTREAM.md): monthly limit in EUR, output tokens per
    /// hour and per day. The tier `monthly` has no limit.
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
        tier.budgetPerMonth = NanoEuros(eurosPerMonth * 1_000_000_000)
        tier.outputTokensPerHour = outputTokensPerHour
        tier.outputTokensPerDay = outputTokensPerDay
        return tier
    }
}
