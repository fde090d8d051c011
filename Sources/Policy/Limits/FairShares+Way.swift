import Bytes
import Clocks

extension FairShares {
    /// The way in which `amounts` of the key at `index` get room within the shares, not before `wait` microseconds.
    ///
    /// Shares change by themselves when a key falls silent and when a window ends. A key with a request in flight does not
    /// fall silent; when its request ends is unknown. So is any change where many keys are active.
    func way(
        for amounts: borrowing SlotAmounts, of index: Int, in scopes: [ScopeUsage], _ windows: CurrentWindows,
        at now: LimitTime, after wait: Int64
    ) -> LimitViolation.Way {
        guard members.count > 1, let limits = scopes[ScopeTable.account].limits else { return .time(wait) }
        guard members.count <= Self.fewKeys else {
            return wait > 0 ? .time(wait) : .others(atLeast: 0, atMost: .max)
        }
        let shared = Self.shared(limits, amounts)
        for moment in moments(shared, of: index, in: scopes, windows, at: now) where moment >= wait || moment == 0 {
            let elapsed = max(wait, moment)
            guard hasRoom(for: shared, of: index, in: scopes, windows, at: now, after: elapsed) else { continue }
            // Only requests in flight keep shares for longer, and their ends come before that of a day.
            return elapsed <= max(wait, Self.attention)
                ? .time(elapsed) : .others(atLeast: wait, atMost: elapsed)
        }
        return .others(atLeast: wait, atMost: .max)
    }

    /// The times at which shares change, in microseconds from `now`: 0 first, then in order.
    private func moments(
        _ shared: [Shared], of index: Int, in scopes: [ScopeUsage], _ windows: CurrentWindows, at now: LimitTime
    ) -> [Int64] {
        var moments = Set<Int64>([0])
        for member in members where member != index && scopes[member].inFlight == 0 {
            moments.insert(
                max(1, scopes[member].askedAt.addingSaturated(Self.attention).subtractingSaturated(now.monotonic)))
        }
        for window in shared.compactMap(\.window) { moments.insert(max(1, windows.wait(for: window, at: now.wall))) }
        return moments.sorted()
    }

    /// Returns true where the shares have room after `elapsed` microseconds, if nobody else sends a request until then.
    private func hasRoom(
        for shared: [Shared], of index: Int, in scopes: [ScopeUsage], _ windows: CurrentWindows, at now: LimitTime,
        after elapsed: Int64
    ) -> Bool {
        let then = now.monotonic.addingSaturated(elapsed)
        let active = members.filter {
            $0 == index || scopes[$0].inFlight > 0
                || then.subtractingSaturated(scopes[$0].askedAt) < Self.attention
        }
        guard active.count > 1 else { return true }
        func weight(_ member: Int) -> Int64 { scopes[member].weight }
        let weights = active.reduce(Int64(0)) { $0.addingSaturated(weight($1)) }
        return shared.allSatisfy { shared in
            let isNew = shared.window.map { windows.wait(for: $0, at: now.wall) <= elapsed } ?? false
            func taken(_ member: Int) -> Int64 {
                isNew ? shared.lasting(member, in: scopes) : shared.taken(member, in: scopes, windows.numbers)
            }
            let share = Self.share(of: shared.limit, weight(index), weights)
            if taken(index).addingSaturated(shared.asked) <= share { return true }
            let left = shared.limit.subtractingSaturated(taken(ScopeTable.account)).subtractingSaturated(shared.asked)
            return left >= Self.unused(shared, by: active, weights, except: index, taken: taken, weight: weight)
        }
    }
}
