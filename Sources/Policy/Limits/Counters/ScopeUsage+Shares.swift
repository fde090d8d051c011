import Bytes

extension ScopeUsage {
    /// The weight of its share of the account.
    var weight: Int64 { limits?.weight ?? 1 }

    /// Returns true where `amounts` would take this scope beyond its share of a limit of `account`, as `FairShares.share` has it.
    ///
    /// - Parameter weights: the sum over all active keys.
    mutating func isBeyondShare(
        with amounts: borrowing SlotAmounts, of account: TierLimits, _ weights: Int64,
        in current: borrowing CurrentWindows.Numbers
    ) -> Bool {
        let weight = weight
        let weights = max(1, weights, weight)
        func isBeyond(_ taken: Int64, _ asked: Int64, _ limit: Int64) -> Bool {
            let left = taken.addingSaturated(asked).multipliedFullWidth(by: weights)
            let right = limit.multipliedFullWidth(by: weight)
            return (left.high, left.low) > (right.high, right.low)
        }
        let limited = account.windows.span
        let asked = amounts.windows.span
        for slot in limited.indices {
            guard asked[slot] > 0, let limit = limited[slot] else { continue }
            if isBeyond(taken(slot, in: current), asked[slot], limit) { return true }
        }
        guard amounts.requests > 0, let limit = account.concurrentRequests else { return false }
        return isBeyond(inFlight, 1, limit)
    }
}
