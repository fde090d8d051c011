import Admin
import Clocks
import Policy
import Settings
import Store

extension LimitRules {
    /// The limits of `configuration`. The offsets of its time zone are known from 40 days before `now` to ten years after.
    init(_ configuration: Configuration, at now: Timestamp) {
        self.init(
            configuration.policies, accountTier: configuration.upstream.tier,
            zone: ZoneOffsets(
                of: configuration.timeZone, from: now.seconds - 40 * 86_400, to: now.seconds + 3660 * 86_400))
    }
}

extension Limiter {
    /// Adds the usage of the current windows from the ledger.
    func restore(from database: LedgerDatabase, keys: KeySnapshot, at now: LimitTime) throws(LedgerError) {
        restore(try database.limitHistory(historySpan(at: now)), keys: keys, at: now)
    }
}

extension Limiter {
    /// Counts the corrections that commands have made since the last look. Returns the error of the ledger, if any. Blocks.
    func followCorrections(in storage: GatewayStorage, at now: LimitTime) -> LedgerError? {
        do throws(LedgerError) {
            correct(try storage.database.corrections(after: lastCorrection), keys: storage.keys.keys, at: now)
            return nil
        } catch { return error }
    }
}

/// The usage of all limits.
struct LimitsSource: LimitsReporting {
    let limiter: Limiter
    let keys: any KeyDirectory
    let time: any TimeSource

    /// The limits of the key `id`, or of all keys that are not revoked, the tightest first. Returns nil for an unknown id.
    func report(ofKey id: String?) -> LimitsReport? {
        let now = time.limitTime
        let keys = keys.keys
        if let id {
            guard let key = keys[id] else { return nil }
            return LimitsReport(
                tightestFirst: limiter.states(of: key, at: now).map { LimitsReport.Limit($0, key: key) })
        }
        var limits: [LimitsReport.Limit] = []
        // All keys share the limits of their team and of the account: report these once, although they change meanwhile.
        var shared: Set<LimitScope> = []
        for key in keys.records where key.revokedAt == nil {
            let states = limiter.states(of: key, at: now)
            limits += states.filter { $0.scope == .key || !shared.contains($0.scope) }
                .map { LimitsReport.Limit($0, key: key) }
            shared.formUnion(states.map(\.scope))
        }
        return LimitsReport(tightestFirst: limits)
    }
}

extension LimitsReport {
    /// A report of `limits`, those first of which most is used. Others stay in their order.
    fileprivate init(tightestFirst limits: [Limit]) {
        self.init(
            limits: limits.enumerated().sorted { left, right in
                (right.element.percent, left.offset) < (left.element.percent, right.offset)
            }.map(\.element))
    }
}
