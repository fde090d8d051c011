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
    /// The keys in the ledger, where one is found that is not among `keys` yet.
    let store: KeyStore
    let time: any TimeSource

    /// The limits of `key`, the tightest first.
    func limits(of key: KeyRecord) -> LimitsReport {
        LimitsReport(
            tightestFirst: limiter.states(of: key, at: time.limitTime).map { LimitsReport.Limit($0, key: key) })
    }

    func limits(ofKey idOrName: String) throws(AdminProblem) -> LimitsReport {
        do throws(LedgerError) { return limits(of: try store.find(idOrName)) } catch { throw AdminProblem(error) }
    }

    /// The limits of all keys that are not revoked, the tightest first.
    func limits() -> LimitsReport {
        let now = time.limitTime
        let keys = keys.keys
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
        self.init(limits: limits.sorted { $0.percent > $1.percent })
    }
}
