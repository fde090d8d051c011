import Clocks
import Policy

/// A request that may go upstream: its slot in the journal and its hold on the limits.
///
/// It cannot be copied, and `settle` is its only end: a request that forgets it stops a debug build.
struct OpenRequest: ~Copyable {
    let slot: InFlight
    private var reservation: Reservation?
    /// Output tokens beyond which a stream needs more of its limits; `.max` where it needs none, or there are none left.
    private(set) var outputAllowance: Int64

    /// - Parameters:
    ///   - slot: the journal's hold on the request.
    ///   - reservation: the hold on its limits.
    init(_ slot: consuming InFlight, _ reservation: consuming Reservation?) {
        var allowance = Int64.max
        switch reservation {
        case .some(let reservation): if reservation.isOpen { allowance = reservation.outputTokens }
        case .none: break
        }
        self.slot = slot
        self.reservation = reservation
        outputAllowance = allowance
    }

    /// Extends the reservation of a stream that has written `outputTokens`, more than its allowance.
    ///
    /// - Returns: nil where the limits have room for it; else what the tier wants to happen to the stream.
    mutating func extend(to outputTokens: Int64, by limiter: Limiter, at now: LimitTime) -> Tier.Overrun? {
        guard var reservation = reservation.take() else { return nil }
        let excess = outputTokens - reservation.outputTokens
        // In steps, so that not every event asks; where these do not fit, to the token.
        let step = max(excess, reservation.outputTokens / 8)
        let isExtended =
            limiter.extend(&reservation, by: step, at: now)
            || step > excess && limiter.extend(&reservation, by: excess, at: now)
        let overrun = isExtended ? nil : reservation.overrun
        outputAllowance = isExtended ? reservation.outputTokens : .max
        self.reservation = consume reservation
        return overrun
    }

    /// Holds `cost` more for a WebSocket that stays open. Returns false where the limits of `key` have no room for it.
    mutating func extend(by cost: NanoEuros, of key: KeyRecord, by limiter: Limiter, at now: LimitTime) -> Bool {
        guard var reservation = reservation.take() else { return true }
        let isExtended = limiter.extend(&reservation, by: cost, of: key, at: now)
        self.reservation = consume reservation
        return isExtended
    }

    /// Ends the request: its row `record` goes to the ledger, and what it used takes the place of what was held.
    ///
    /// - Returns: the percentages of limits that are newly reached.
    consuming func settle(
        _ record: UsageRecord, in usage: any UsageJournal, _ limiter: Limiter, at now: LimitTime
    ) -> [LimitAlert] {
        var alerts: [LimitAlert] = []
        if let reservation {
            let inputTokens = record.exactness == .exact ? record.units.inputTokens : nil
            alerts = limiter.settle(
                reservation, LimitOutcome(record), model: record.modelServed, user: record.user ?? "",
                inputTokens: inputTokens, at: now)
        }
        usage.end(slot, record)
        return alerts
    }
}
