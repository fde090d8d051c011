import Bytes
import Clocks

extension ScopeUsage {
    /// Adds the limits of requests and tokens to `rates`.
    mutating func addRates(to rates: inout RateLimits, _ current: CurrentWindows, at now: LimitTime) {
        guard let limits else { return }
        for slot in buckets.indices {
            guard let limit = limits.rates[slot] else { continue }
            rates.add(
                limits.rateKinds[slot].unit, limit: limit,
                remaining: max(0, limit.subtractingSaturated(buckets[slot].used)),
                reset: buckets[slot].waitUntilEmpty(limit: limit))
        }
        let windows = windows.span
        let limited = limits.windows.span
        let kinds = limits.windowKinds.span
        for slot in windows.indices {
            guard let limit = limited[slot] else { continue }
            let kind = kinds[slot]
            let taken = windows[slot].taken
            rates.add(
                kind.unit, limit: limit, remaining: max(0, limit.subtractingSaturated(taken)),
                reset: current.wait(for: kind.window, at: now.wall))
        }
    }

    /// Calls `body` for every limit that has a state, in the order of `LimitKind`.
    func forEachLimit(
        _ current: CurrentWindows,
        _ body: (LimitKind, _ limit: Int64, _ used: Int64, _ reserved: Int64, _ window: Range<Int64>?) -> Void
    ) {
        guard let limits else { return }
        var rateSlot = 0
        var windowSlot = 0
        for kind in LimitKind.allCases {
            switch kind.form {
            case .rate:
                let usage = rateUsage(rateSlot)
                if let limit = limits.rates[rateSlot] { body(kind, limit, usage.used, usage.reserved, nil) }
                rateSlot += 1
            case .window(let window):
                let usage = windowUsage(windowSlot)
                if let limit = limits.windows[windowSlot] {
                    body(kind, limit, usage.used, usage.reserved, current.reportedSeconds(of: window))
                }
                windowSlot += 1
            case .concurrent:
                if let limit = limits.concurrentRequests { body(kind, limit, inFlight, 0, nil) }
            case .perRequest: break
            }
        }
    }
}
