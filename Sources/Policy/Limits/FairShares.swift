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
    static let fewKeys = 64
    /// With more of them, shares are computed at this interval, in microseconds.
    private static let interval: Int64 = 100_000

    /// The indices of the active keys.
    private(set) var members: [Int] = []
    private var weights: Int64 = 0
    private var checkedAt = Int64.min
    /// The last results for many keys.
    private var cache: [LimitKind: Unused] = [:]

    /// The rests of all active keys' shares.
    private struct Unused: Sendable {
        var amount: Int64
        var computedAt: Int64
        var limit: Int64
    }

    /// A limit of the account that is shared, and the amount that a request asks of it.
    struct Shared {
        let kind: LimitKind
        let limit: Int64
        let asked: Int64
        /// The place and the window of a limit of the calendar; nil for concurrent requests.
        let slot: Int?
        let window: LimitWindow?

        /// A key without a request since a window began has used nothing in it, and holds what its batches hold.
        func taken(_ index: Int, in scopes: [ScopeUsage], _ windows: CurrentWindows.Numbers) -> Int64 {
            if let slot { scopes[index].taken(slot, in: windows) } else { scopes[index].inFlight }
        }

        /// The amount that batches hold in every window.
        func lasting(_ index: Int, in scopes: [ScopeUsage]) -> Int64 { slot.map { scopes[index].lasting($0) } ?? 0 }

        /// The amount that the request would leave of the account; negative where it does not fit.
        func left(in scopes: [ScopeUsage], _ windows: CurrentWindows.Numbers) -> Int64 {
            limit.subtractingSaturated(taken(ScopeTable.account, in: scopes, windows)).subtractingSaturated(asked)
        }
    }

    /// Notes a request of the key at `index`.
    mutating func note(_ index: Int, in scopes: inout [ScopeUsage], at now: Int64) {
        let isNew = scopes[index].askedAt == .min
        scopes[index].askedAt = now
        if isNew {
            members.append(index)
            weights = weights.addingSaturated(scopes[index].weight)
        }
        if now >= checkedAt.addingSaturated(Self.interval) { dropSilent(from: &scopes, at: now) }
    }

    /// Adds up the weights again at the next request: a reload may have changed any of them.
    mutating func noteNewWeights() { checkedAt = .min }

    /// Notes that the weight of `scope` was `former` before it got new limits.
    mutating func noteWeight(of scope: borrowing ScopeUsage, insteadOf former: Int64) {
        if scope.askedAt != .min { weights = weights.subtractingSaturated(former).addingSaturated(scope.weight) }
    }

    /// Removes keys that are not active any more, and adds up the weights again.
    private mutating func dropSilent(from scopes: inout [ScopeUsage], at now: Int64) {
        checkedAt = now
        weights = 0
        members.removeAll { index in
            let silence = now.subtractingSaturated(scopes[index].askedAt)
            guard scopes[index].inFlight == 0, silence >= Self.attention else {
                weights = weights.addingSaturated(scopes[index].weight)
                return false
            }
            scopes[index].askedAt = .min
            return true
        }
    }

    /// Returns the account's limit of which `amounts` would use the share of other keys than the one at `index`. The account
    /// itself has room for them.
    mutating func violation(
        to amounts: borrowing SlotAmounts, of index: Int, in scopes: inout [ScopeUsage], _ windows: CurrentWindows,
        at now: LimitTime
    ) -> LimitViolation? {
        guard members.count > 1, let limits = scopes[ScopeTable.account].limits,
            scopes[index].isBeyondShare(with: amounts, of: limits, weights, in: windows.numbers)
        else { return nil }
        return violation(beyondShareOf: limits, to: amounts, of: index, in: &scopes, windows, at: now)
    }

    /// The same for a key that is beyond its share, unless keys have fallen silent.
    @inline(never)
    private mutating func violation(
        beyondShareOf limits: TierLimits, to amounts: borrowing SlotAmounts, of index: Int,
        in scopes: inout [ScopeUsage], _ windows: CurrentWindows, at now: LimitTime
    ) -> LimitViolation? {
        if members.count <= Self.fewKeys { dropSilent(from: &scopes, at: now.monotonic) }
        guard members.count > 1 else { return nil }
        for shared in Self.shared(limits, amounts) {
            let own = shared.taken(index, in: scopes, windows.numbers)
            let share = Self.share(of: shared.limit, scopes[index].weight, weights)
            guard own.addingSaturated(shared.asked) > share else { continue }
            let others = unused(shared, except: index, in: scopes, windows.numbers, at: now.monotonic)
            guard shared.left(in: scopes, windows.numbers) < others else { continue }
            return LimitViolation(
                shared.kind, shared.limit, used: own, reserved: 0, asked: shared.asked,
                way(for: amounts, of: index, in: scopes, windows, at: now, after: 0))
        }
        return nil
    }

    /// The rests of the shares of the active keys other than the one at `index`.
    private mutating func unused(
        _ shared: Shared, except index: Int, in scopes: [ScopeUsage], _ windows: CurrentWindows.Numbers, at now: Int64
    ) -> Int64 {
        let isCached = members.count > Self.fewKeys
        if isCached, let known = cache[shared.kind], known.limit == shared.limit,
            now.subtractingSaturated(known.computedAt) < Self.interval
        {
            return known.amount
        }
        let amount = Self.unused(shared, by: members, weights, except: index) {
            shared.taken($0, in: scopes, windows)
        } weight: {
            scopes[$0].weight
        }
        if isCached { cache[shared.kind] = Unused(amount: amount, computedAt: now, limit: shared.limit) }
        return amount
    }

    /// The rests of the shares of `members` other than the one at `index`.
    static func unused(
        _ shared: Shared, by members: [Int], _ weights: Int64, except index: Int, taken: (Int) -> Int64,
        weight: (Int) -> Int64
    ) -> Int64 {
        var amount: Int64 = 0
        for member in members where member != index {
            let share = share(of: shared.limit, weight(member), weights)
            amount = amount.addingSaturated(max(0, share.subtractingSaturated(taken(member))))
        }
        return amount
    }

    /// The limits of the account that are shared, as far as `amounts` use them.
    static func shared(_ limits: TierLimits, _ amounts: borrowing SlotAmounts) -> [Shared] {
        var all: [Shared] = []
        for slot in limits.windows.indices where amounts.windows[slot] > 0 {
            guard let limit = limits.windows[slot] else { continue }
            let kind = limits.windowKinds[slot]
            all.append(
                Shared(
                    kind: kind.kind, limit: limit, asked: amounts.windows[slot], slot: slot, window: kind.window))
        }
        if amounts.requests > 0, let limit = limits.concurrentRequests {
            all.append(Shared(kind: .concurrentRequests, limit: limit, asked: 1, slot: nil, window: nil))
        }
        return all
    }

    /// A share, rounded down, so that the sum of all shares never exceeds the limit.
    static func share(of limit: Int64, _ weight: Int64, _ weights: Int64) -> Int64 {
        let product = max(0, limit).multipliedFullWidth(by: max(0, weight))
        return max(1, weights, weight).dividingFullWidth(product).quotient
    }
}
