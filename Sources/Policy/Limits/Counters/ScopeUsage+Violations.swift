import Bytes
import Clocks

extension ScopeUsage {
    // The functions for every request are `mutating`, although they change nothing: so the caller uses the scope in place, where
    // it would copy it otherwise.

    /// Returns the limit that `amounts` do not fit under. Of several it is the one that has room last, so that a client that
    /// waits for it finds the others free.
    ///
    /// - Parameters:
    ///   - amounts: of a new request, or of a stream that extends its reservation (then `requests` is 0).
    ///   - made: the windows in which the request was admitted.
    mutating func violation(
        to amounts: borrowing SlotAmounts, madeIn made: CurrentWindows.Numbers, _ current: CurrentWindows,
        at now: LimitTime
    ) -> LimitViolation? {
        guard let limits else { return nil }
        var worst: LimitViolation?
        for slot in buckets.indices {
            guard let limit = limits.rates[slot], amounts.rates[slot] > 0 else { continue }
            LimitViolation.keepWorse(&worst, rateViolation(slot, limit, asked: amounts.rates[slot]))
        }
        if let limit = limits.concurrentRequests, amounts.requests > 0, inFlight >= limit {
            LimitViolation.keepWorse(
                &worst,
                LimitViolation(
                    .concurrentRequests, limit, used: inFlight, reserved: 0, asked: 1,
                    .others(atLeast: 0, atMost: .max)))
        }
        // Through spans: an access to an inline array by a variable index copies the whole array.
        let windows = windows.span
        let asked = amounts.windows.span
        let made = made.span
        let limited = limits.windows.span
        for slot in windows.indices {
            let asked = asked[slot]
            guard asked > 0, let limit = limited[slot], windows[slot].number == made[slot],
                windows[slot].taken.addingSaturated(asked) > limit
            else { continue }
            let window = LimitKind.windowKinds[slot].window
            let wait = window.ends ? max(1, current.wait(for: window, at: now.wall)) : nil
            LimitViolation.keepWorse(&worst, windowViolation(slot, limit, asked: asked, wait: wait))
        }
        return worst
    }

    /// - Parameter wait: the time to the end of the window; nil where it has none.
    private func windowViolation(_ slot: Int, _ limit: Int64, asked: Int64, wait: Int64?) -> LimitViolation {
        let usage = windowUsage(slot)
        // What batches hold is held in the next window too.
        let isFreeThen = lasting(slot).addingSaturated(asked) <= limit
        let way: LimitViolation.Way =
            if asked > limit {
                .never
            } else if usage.used.addingSaturated(asked) <= limit {
                .others(atLeast: 0, atMost: isFreeThen ? wait ?? .max : .max)
            } else if let wait {
                isFreeThen ? .time(wait) : .others(atLeast: wait, atMost: .max)
            } else {
                .exhausted
            }
        return LimitViolation(
            LimitKind.windowKinds[slot].kind, limit, used: usage.used, reserved: usage.reserved, asked: asked, way)
    }

    private func rateViolation(_ slot: Int, _ limit: Int64, asked: Int64) -> LimitViolation? {
        let wait = buckets[slot].wait(for: asked, limit: limit)
        guard wait > 0 || asked > limit else { return nil }
        let rate = rateUsage(slot)
        return LimitViolation(
            LimitKind.rateKinds[slot].kind, limit, used: rate.used, reserved: rate.reserved, asked: asked,
            asked > limit ? .never : .time(wait))
    }

    /// Usage of a limit per minute, for messages and reports. Tokens of requests in flight are reserved; requests in flight are
    /// used: they are given back only if they fail unbilled.
    func rateUsage(_ slot: Int) -> (used: Int64, reserved: Int64) {
        let used = buckets[slot].used
        let reserved = LimitKind.rateKinds[slot].unit == .tokens ? min(used, tokensInFlight) : 0
        return (used - reserved, reserved)
    }

    /// Usage of a limit of the calendar, for messages and reports. Requests in flight are used, as in `rateUsage`.
    func windowUsage(_ slot: Int) -> (used: Int64, reserved: Int64) {
        let usage = windows[slot]
        return LimitKind.windowKinds[slot].unit == .requests ? (usage.taken, 0) : (usage.used, usage.reserved)
    }
}
