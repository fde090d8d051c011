import Admin
import Clocks
import Gateway
import Policy
import Settings
import Store

extension LimitRules {
    /// The limits of `configuration`, whose time zone is known for the next ten years.
    init(_ configuration: Configuration) {
        let now = Timestamp.now.seconds
        self.init(
            configuration.policies, accountTier: configuration.upstream.tier,
            zone: ZoneOffsets(of: configuration.timeZone, from: now - 40 * 86_400, to: now + 3660 * 86_400))
    }
}

extension Limiter {
    /// Adds what the ledger knows of the past.
    func restore(from database: LedgerDatabase, keys: KeySnapshot) throws(LedgerError) {
        let now = LimitTime.now
        restore(try database.limitHistory(historySpan(at: now)), keys: keys, at: now)
    }
}

/// Says what is used of all limits.
struct LimitsSource: LimitsReporting {
    let limiter: Limiter
    let keys: any KeyDirectory

    func limits(ofKey id: String?) -> LimitsReport? { report(of: id, at: .now) }

    /// The limits of the key `id`, or without one of all usable keys; nil where there is no such key.
    func report(of id: String?, at now: LimitTime) -> LimitsReport? {
        let keys = keys.keys
        if let id {
            guard let key = keys[id] else { return nil }
            return LimitsReport(limits: limits(of: key, at: now))
        }
        var limits: [LimitsReport.Limit] = []
        for key in keys.records where key.revokedAt == nil {
            // A team's limits, and the account's, are those of all its keys: told once.
            for limit in self.limits(of: key, at: now) where limit.scope == "key" || !limits.contains(limit) {
                limits.append(limit)
            }
        }
        return LimitsReport(limits: limits)
    }

    private func limits(of key: KeyRecord, at now: LimitTime) -> [LimitsReport.Limit] {
        limiter.states(of: key, at: now).map { LimitsReport.Limit($0, key: key) }
    }
}

extension LimitsReport.Limit {
    init(_ state: LimitState, key: KeyRecord) {
        let text = state.kind.text
        let subject: String? =
            switch state.scope {
            case .key: key.id
            case .team(let name): name
            case .account: nil
            }
        self.init(
            scope: state.scope.name, subject: subject, tier: state.tier, limit: state.kind.rawValue,
            allowed: text(state.limit), used: text(state.used), reserved: text(state.reserved), left: text(state.left),
            windowStart: state.window.map { Timestamp(seconds: $0.lowerBound).utcText },
            windowEnd: state.window.map { Timestamp(seconds: $0.upperBound).utcText })
    }
}

extension LimitKind {
    /// Requests and tokens as they are, money as a decimal number of EUR.
    func text(_ amount: Int64) -> String { isMoney ? NanoEuros(amount).decimal : String(amount) }
}
