import Bytes
import Clocks

/// Shares of the account's limits for the keys that use it now.
///
/// A key is active for a minute after its last request, and while it has a request in flight. Its share of a limit is the limit
/// times its weight over the weights of all active keys. Within its share, a key is admitted while the account has room. Beyond
/// it, a key gets spare capacity only: the amount that leaves every other active key the rest of its share. So
///
/// - a key that is alone, or whose neighbours are silent, gets the whole account;
/// - a key that asks throughout a window gets its share in the end, or all that it asked for where that is less, unless it
///   comes when too little of the window's limit is left;
/// - amounts that were given before another key came are not taken back.
///
/// Shares apply to limits of the calendar and of concurrent requests. The account's limits per minute are first come, first
/// served: they are free again within the minute.
struct FairShares: Sendable {
    /// Microseconds for which a key stays active after a request.
    static let attention: Int64 = 60_000_000
    /// With at most this many active keys, shares are computed for each request that exceeds its own.
    private static let fewKeys = 64
    /// With more of them, shares are computed at this interval, in microseconds.
    private static let interval: Int64 = 100_000

    /// The indices of the active keys.
    private var members: [Int] = []
    private var weights: Int64 = 0
    private var checkedAt = Int64.min
    /// The last results for many keys.
    private var cache: [LimitKind: Unused] = [:]

    /// The rests of all active keys' shares.
    private struct Unused: Sendable {
        var amount: Int64
        var computedAt: Int64
        var limit: Int64
        /// The time at which the last of the keys stops being active.
        var silentAt: Int64
    }

    /// A limit of the account that is shared.
    private struct Shared {
        let kind: LimitKind
        let limit: Int64
        /// The place of a limit of the calendar; nil for concurrent requests.
        let slot: Int?

        /// A key without a request since a window began has used nothing in it.
        func taken(_ index: Int, in scopes: [ScopeUsage], _ windows: CurrentWindows.Numbers) -> Int64 {
            if let slot { scopes[index].taken(slot, in: windows) } else { scopes[index].inFlight }
        }
    }

    /// Notes a request of the key at `index`.
    mutating func note(_ index: Int, in scopes: inout [ScopeUsage], at now: Int64) {
        let isNew = scopes[index].askedAt == .min
        scopes[index].askedAt = now
        if isNew {
            members.append(index)
            weights = weights.addingSaturated(scopes[index].limits?.weight ?? 1)
        }
        if now >= checkedAt.addingSaturated(Self.interval) { dropSilent(from: &scopes, at: now) }
    }

    /// Removes keys that are not active any more, and adds up the weights again, which a reload may have changed.
    private mutating func dropSilent(from scopes: inout [ScopeUsage], at now: Int64) {
        checkedAt = now
        weights = 0
        members.removeAll { index in
            let silence = now.subtractingSaturated(scopes[index].askedAt)
            guard scopes[index].inFlight == 0, silence >= Self.attention else {
                weights = weights.addingSaturated(scopes[index].limits?.weight ?? 1)
                return false
            }
            scopes[index].askedAt = .min
            return true
        }
    }

    /// Returns the account's limit of which `amounts` would use the share of other keys than the one at `index`. The account
    /// itself has room for them.
    mutating func violation(
        to amounts: borrowing SlotAmounts, of index: Int, account: Int, in scopes: inout [ScopeUsage],
        _ windows: CurrentWindows, at now: LimitTime
    ) -> LimitViolation? {
        if members.count <= Self.fewKeys { dropSilent(from: &scopes, at: now.monotonic) }
        guard members.count > 1, let limits = scopes[account].limits else { return nil }
        let numbers = windows.numbers
        var worst: LimitViolation?
        for slot in limits.windows.indices {
            guard let limit = limits.windows[slot], amounts.windows[slot] > 0 else { continue }
            let kind = limits.windowKinds[slot]
            let shared = Shared(kind: kind.kind, limit: limit, slot: slot)
            guard
                var violation = violation(
                    shared, amounts.windows[slot], of: index, account, &scopes, numbers, now.monotonic)
            else { continue }
            violation.wait(atMost: windows.wait(for: kind.window, at: now.wall))
            LimitViolation.keepWorse(&worst, violation)
        }
        if amounts.requests > 0, let limit = limits.concurrentRequests {
            let shared = Shared(kind: .concurrentRequests, limit: limit, slot: nil)
            LimitViolation.keepWorse(
                &worst, violation(shared, 1, of: index, account, &scopes, numbers, now.monotonic))
        }
        return worst
    }

    private mutating func violation(
        _ shared: Shared, _ asked: Int64, of index: Int, _ account: Int, _ scopes: inout [ScopeUsage],
        _ windows: CurrentWindows.Numbers, _ now: Int64
    ) -> LimitViolation? {
        let own = shared.taken(index, in: scopes, windows)
        let share = Self.share(of: shared.limit, scopes[index].limits?.weight ?? 1, weights)
        guard own.addingSaturated(asked) > share else { return nil }
        let others = unused(shared, except: index, in: &scopes, windows, at: now)
        let left = shared.limit.subtractingSaturated(shared.taken(account, in: scopes, windows)).subtractingSaturated(
            asked)
        guard left < others.amount else { return nil }
        let wait = max(1, others.silentAt.subtractingSaturated(now))
        return LimitViolation(
            shared.kind, shared.limit, used: own, reserved: 0, asked: asked, .wait(microseconds: wait))
    }

    /// The rests of the shares of the active keys other than the one at `index`.
    private mutating func unused(
        _ shared: Shared, except index: Int, in scopes: inout [ScopeUsage], _ windows: CurrentWindows.Numbers,
        at now: Int64
    ) -> (amount: Int64, silentAt: Int64) {
        if members.count > Self.fewKeys, let known = cache[shared.kind], known.limit == shared.limit,
            now.subtractingSaturated(known.computedAt) < Self.interval
        {
            return (known.amount, known.silentAt)
        }
        var amount: Int64 = 0
        var silentAt = now
        for member in members where member != index {
            let share = Self.share(of: shared.limit, scopes[member].limits?.weight ?? 1, weights)
            amount = amount.addingSaturated(
                max(0, share.subtractingSaturated(shared.taken(member, in: scopes, windows))))
            silentAt = max(silentAt, scopes[member].askedAt.addingSaturated(Self.attention))
        }
        if members.count > Self.fewKeys {
            cache[shared.kind] = Unused(amount: amount, computedAt: now, limit: shared.limit, silentAt: silentAt)
        }
        return (amount, silentAt)
    }

    /// A share, rounded down, so that the sum of all shares never exceeds the limit.
    static func share(of limit: Int64, _ weight: Int64, _ weights: Int64) -> Int64 {
        let product = max(0, limit).multipliedFullWidth(by: max(0, weight))
        return max(1, weights, weight).dividingFullWidth(product).quotient
    }
}
