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
        var tightest = TightestLimits(.init(top: .max))
        for state in limiter.states(of: key, at: time.limitTime) { tightest.add(state, of: key) }
        return tightest.report
    }

    func limits(ofKey idOrName: String) throws(AdminProblem) -> LimitsReport {
        do throws(LedgerError) { return limits(of: try store.find(idOrName)) } catch { throw AdminProblem(error) }
    }

    /// The limits of all keys that are not revoked, the tightest first, as far as `query` asks for them.
    func limits(_ query: LimitsReport.Query) -> LimitsReport {
        let now = time.limitTime
        var tightest = TightestLimits(query)
        // All keys share the limits of their team and of the account: report these once, although they change meanwhile.
        var shared: Set<LimitScope> = []
        for key in keys.keys.records where key.revokedAt == nil {
            let states = limiter.states(of: key, at: now)
            for state in states where state.scope == .key || !shared.contains(state.scope) {
                tightest.add(state, of: key)
            }
            for state in states where state.scope != .key { shared.insert(state.scope) }
        }
        return tightest.report
    }
}
