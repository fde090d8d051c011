import Bytes
import Clocks

/// Who asks for the account at present, and how much of each of its limits is everybody's share.
///
/// A key is active for a minute after it has asked, and while a request of it is under way. An active key's share of a limit is
/// the limit times its weight over the weights of all active keys. Within its share a key is admitted wherever the account has
/// room. Beyond it, it is admitted to what is spare: what would still leave every other active key the rest of its share. So
///
/// - nobody is refused for others' sake who is alone, or whose company is silent: spare capacity goes to whoever asks;
/// - of those who ask throughout a window, each gets its share in the end, or all that it asked for where that is less: nobody who
///   asks again and again is kept from its share by others, unless it came when too little was left of the window;
/// - what was given before somebody else came is not taken back.
///
/// It holds for limits of the calendar and for requests at one time. In the account's limits a minute, whoever comes is served as
/// long as there is room: they are whole again within the minute.
struct FairShares: Sendable {
    /// For how long a key counts after it has asked, in microseconds.
    static let attention: Int64 = 60_000_000
    /// Up to so many active keys the shares are worked out for each request that wants more than its own.
    private static let fewKeys = 64
    /// With more of them, this often, in microseconds.
    private static let interval: Int64 = 100_000

    /// The places of the active keys.
    private var members: [Int] = []
    private var weights: Int64 = 0
    private var checkedAt = Int64.min
    /// What was worked out last for many keys.
    private var worked: [LimitKind: Unused] = [:]

    /// What all active keys have left of their shares.
    private struct Unused: Sendable {
        var amount: Int64
        var workedAt: Int64
        var limit: Int64
        /// When the last one of them will be silent for long enough.
        var silentAt: Int64
    }

    /// Notes that the key at `place` has asked.
    mutating func note(_ place: Int, in scopes: inout [ScopeUsage], at now: Int64) {
        let isNew = scopes[place].askedAt == .min
        scopes[place].askedAt = now
        if isNew {
            members.append(place)
            weights += scopes[place].limits?.weight ?? 1
        }
        if now >= checkedAt + Self.interval { dropSilent(from: &scopes, at: now) }
    }

    /// Forgets who has been silent for long, and counts the weights anew, which a reload may have changed.
    private mutating func dropSilent(from scopes: inout [ScopeUsage], at now: Int64) {
        checkedAt = now
        weights = 0
        members.removeAll { place in
            guard scopes[place].inFlight == 0, now - scopes[place].askedAt >= Self.attention else {
                weights += scopes[place].limits?.weight ?? 1
                return false
            }
            scopes[place].askedAt = .min
            return true
        }
    }

    /// What stands in the way of a request of the key at `place` for `amounts` of the account, where the account itself has room
    /// for it.
    mutating func violation(
        to amounts: LimitAmounts, of place: Int, isNew: Bool, account: Int, in scopes: inout [ScopeUsage],
        _ windows: CurrentWindows, at now: LimitTime
    ) -> LimitViolation? {
        if members.count <= Self.fewKeys { dropSilent(from: &scopes, at: now.monotonic) }
        guard members.count > 1, let limits = scopes[account].limits else { return nil }
        var worst: LimitViolation?
        func take(_ kind: LimitKind, _ asked: Int64, endsAt end: Int64?) {
            guard let limit = limits.limit(kind), asked > 0 else { return }
            let own = scopes[place].taken(of: kind)
            let share = Self.share(of: limit, scopes[place].limits?.weight ?? 1, weights)
            guard own.addingSaturated(asked) > share else { return }
            let others = unused(kind, limit, except: place, in: &scopes, windows, at: now.monotonic)
            guard limit - scopes[account].taken(of: kind) - asked < others.amount else { return }
            var wait = others.silentAt - now.monotonic
            if let end { wait = min(wait, end * 1_000_000 - now.wall.microseconds) }
            worst = LimitViolation.worse(
                worst,
                LimitViolation(kind, limit, used: own, reserved: 0, asked: asked, .wait(microseconds: max(1, wait))))
        }
        take(.outputTokensPerHour, amounts.outputTokens, endsAt: windows.hour.seconds.upperBound)
        take(.outputTokensPerDay, amounts.outputTokens, endsAt: windows.day.seconds.upperBound)
        take(.budgetPerDay, amounts.cost, endsAt: windows.day.seconds.upperBound)
        take(.budgetPerMonth, amounts.cost, endsAt: windows.month.seconds.upperBound)
        if isNew { take(.concurrentRequests, 1, endsAt: nil) }
        return worst
    }

    /// What the active keys other than the one at `place` have left of their shares.
    private mutating func unused(
        _ kind: LimitKind, _ limit: Int64, except place: Int, in scopes: inout [ScopeUsage], _ windows: CurrentWindows,
        at now: Int64
    ) -> (amount: Int64, silentAt: Int64) {
        if members.count > Self.fewKeys, let worked = worked[kind], worked.limit == limit,
            now - worked.workedAt < Self.interval
        {
            return (worked.amount, worked.silentAt)
        }
        var amount: Int64 = 0
        var silentAt = now
        for member in members where member != place {
            // A key that has not asked since a window began has used nothing in it.
            scopes[member].advance(to: now, windows)
            let share = Self.share(of: limit, scopes[member].limits?.weight ?? 1, weights)
            amount += max(0, share - scopes[member].taken(of: kind))
            silentAt = max(silentAt, scopes[member].askedAt + Self.attention)
        }
        if members.count > Self.fewKeys {
            worked[kind] = Unused(amount: amount, workedAt: now, limit: limit, silentAt: silentAt)
        }
        return (amount, silentAt)
    }

    /// A share, rounded down, so that shares never sum up to more than the limit.
    static func share(of limit: Int64, _ weight: Int64, _ weights: Int64) -> Int64 {
        let product = limit.multipliedFullWidth(by: weight)
        return max(weights, weight).dividingFullWidth(product).quotient
    }
}
