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
    @inline(__always)
    mutating func violation(
        to amounts: borrowing SlotAmounts, madeIn made: CurrentWindows.Numbers, _ current: CurrentWindows,
        at now: LimitTime
    ) -> LimitViolation? {
        let exceeded = limitsExceeded(by: amounts, madeIn: made)
        return exceeded.isEmpty ? nil : worstViolation(of: exceeded, by: amounts, current, at: now)
    }

    /// The limits that a request does not fit under. Mostly none: so they are found without a description of each.
    private struct ExceededLimits {
        var isEmpty = true
        var rates = PerRateKind(repeating: false)
        var windows = PerWindowKind(repeating: false)
        var concurrentRequests = false
    }

    @inline(never)
    private mutating func limitsExceeded(
        by amounts: borrowing SlotAmounts, madeIn made: borrowing CurrentWindows.Numbers
    ) -> ExceededLimits {
        var exceeded = ExceededLimits()
        guard let limits else { return exceeded }
        // Through spans: an access to an inline array by a variable index copies the whole array.
        let buckets = buckets.span
        let rates = amounts.rates.span
        let limitedRates = limits.rates.span
        for slot in buckets.indices {
            let asked = rates[slot]
            guard asked > 0, let limit = limitedRates[slot] else { continue }
            if !buckets[slot].hasRoom(for: asked, limit: limit) {
                (exceeded.rates[slot], exceeded.isEmpty) = (true, false)
            }
        }
        if let limit = limits.concurrentRequests, amounts.requests > 0, inFlight >= limit {
            (exceeded.concurrentRequests, exceeded.isEmpty) = (true, false)
        }
        let windows = windows.span
        let asked = amounts.windows.span
        let made = made.span
        let limited = limits.windows.span
        for slot in windows.indices {
            let asked = asked[slot]
            guard asked > 0, let limit = limited[slot], windows[slot].number == made[slot] else { continue }
            if windows[slot].taken.addingSaturated(asked) > limit {
                (exceeded.windows[slot], exceeded.isEmpty) = (true, false)
            }
        }
        return exceeded
    }

    /// Of `exceeded` the limit that has room last.
    @inline(never)
    private func worstViolation(
        of exceeded: ExceededLimits, by amounts: borrowing SlotAmounts, _ current: CurrentWindows, at now: LimitTime
    ) -> LimitViolation? {
        guard let limits else { return nil }
        var worst: LimitViolation?
        for slot in buckets.indices where exceeded.rates[slot] {
            guard let limit = limits.rates[slot] else { continue }
            LimitViolation.keepWorse(&worst, rateViolation(slot, limit, asked: amounts.rates[slot]))
        }
        if exceeded.concurrentRequests, let limit = limits.concurrentRequests {
            LimitViolation.keepWorse(
                &worst,
                LimitViolation(
                    .concurrentRequests, limit, used: inFlight, reserved: 0, asked: 1,
                    .others(atLeast: 0, atMost: .max)))
        }
        for slot in windows.indices where exceeded.windows[slot] {
            guard let limit = limits.windows[slot] else { continue }
            let window = LimitKind.windowKinds[slot].window
            let wait = window.ends ? max(1, current.wait(for: window, at: now.wall)) : nil
            LimitViolation.keepWorse(
                &worst, windowViolation(slot, limit, asked: amounts.windows[slot], wait: wait))
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

    private func rateViolation(_ slot: Int, _ limit: Int64, asked: Int64) -> LimitViolation {
        let wait = buckets[slot].wait(for: asked, limit: limit)
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
