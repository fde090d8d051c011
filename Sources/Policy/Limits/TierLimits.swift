import Bytes
import Clocks

/// The limits of a tier, or of a key with limits of its own, laid out for admission. A class, so that a request refers to them without a copy.
final class TierLimits: Sendable {
    /// The name of the tier.
    let name: String
    /// The key whose own limits and grants are among these; nil where they are the tier's alone.
    let key: KeyRecord?
    /// The end of the first grant among these.
    let validUntil: Timestamp
    /// The limits for parts of its requests; nil without any.
    let parts: PartLimits?
    /// Limits per minute.
    let rates: PerRateKind<Int64?>
    /// Limits of windows.
    let windows: PerWindowKind<Int64?>
    /// Copies of the tables in `LimitKind`: an access to those costs a call.
    let rateKinds = LimitKind.rateKinds
    let windowKinds = LimitKind.windowKinds
    let concurrentRequests: Int64?
    let maxOutputTokens: Int64?
    let outputReservation: Int64
    let overrun: Tier.Overrun
    /// Percentages, ascending.
    let alertAt: [Int]
    let weight: Int64
    /// True where output tokens use up a limit, so that a request's output has to be bounded.
    let limitsOutput: Bool
    /// The least limit of output tokens.
    let leastOutput: Int64?
    /// The least limit of input and output tokens together.
    let leastTokens: Int64?
    /// The usage of each limit of the calendar from which on an alert may be due; the largest number where there is none.
    let firstAlerts: PerWindowKind<Int64>

    /// The limits of `key` in `tier` at `now`.
    ///
    /// - Parameter parts: the limits of the tier's parts, which are the same for all its keys.
    convenience init(_ tier: Tier, _ parts: PartLimits?, of key: KeyRecord, at now: Timestamp) {
        self.init(
            tier.adjusted(by: key.limits, at: now), parts, key: key,
            validUntil: key.limits.nextEnd(after: now) ?? Timestamp(microseconds: .max))
    }

    init(
        _ tier: Tier, _ parts: PartLimits? = nil, key: KeyRecord? = nil,
        validUntil: Timestamp = Timestamp(microseconds: .max)
    ) {
        func least(_ unit: LimitUnit) -> Int64? {
            LimitKind.allCases.filter { $0.unit == unit }.compactMap { Self.limit($0, tier) }.min()
        }
        name = tier.name
        self.parts = parts
        self.key = key
        self.validUntil = validUntil
        rates = PerRateKind { Self.limit(LimitKind.rateKinds[$0].kind, tier) }
        windows = PerWindowKind { Self.limit(LimitKind.windowKinds[$0].kind, tier) }
        concurrentRequests = Self.limit(.concurrentRequests, tier)
        maxOutputTokens = Self.limit(.maxOutputTokens, tier)
        outputReservation = min(max(0, tier.outputReservation), LimitAmounts.most)
        overrun = tier.overrun
        alertAt = tier.alertAt
        weight = Int64(max(1, tier.weight))
        limitsOutput = LimitKind.allCases.contains { $0.boundsOutput && Self.limit($0, tier) != nil }
        leastOutput = least(.outputTokens)
        leastTokens = least(.tokens)
        let windows = windows
        firstAlerts = PerWindowKind { Self.firstAlert(windows[$0], tier.alertAt) }
    }

    /// A limit of `tier`. A limit per minute that no client can use up counts as none.
    private static func limit(_ kind: LimitKind, _ tier: Tier) -> Int64? {
        guard let limit = tier[kind], kind.form != .rate || limit <= LimitAmounts.most else { return nil }
        return max(0, limit)
    }

    /// The least usage that reaches the first of `thresholds`, ascending percentages of `limit`.
    private static func firstAlert(_ limit: Int64?, _ thresholds: [Int]) -> Int64 {
        guard let limit, let percent = thresholds.first else { return .max }
        return limit.scaled(by: Int64(percent), over: 100, limit: .max)
    }

    /// True where a limit is per minute.
    var limitMinutes: Bool { rates.indices.contains { rates[$0] != nil } || parts?.limitMinutes == true }

    /// Returns true where these are the limits of `key` at `now`.
    func hold(for key: KeyRecord, at now: Timestamp) -> Bool {
        name == key.tier && self.key === (key.limits.isEmpty ? nil : key) && now < validUntil
    }
}
