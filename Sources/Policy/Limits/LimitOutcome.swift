/// The end of a request, for limits: the one rule that says what is counted and what is given back.
package enum LimitOutcome: Sendable, Equatable {
    /// The request counts, and used these amounts. `requests` is ignored: it counts as held.
    case used(LimitAmounts)
    /// The request failed and is not billed: everything is given back.
    case nothing

    /// The outcome of the request of `record`, whose status, units and cost are set.
    ///
    /// Everything is given back where the upstream answered with an error and nothing is billed. A request that was sent and
    /// not answered counts: its amounts are estimates.
    package init(_ record: borrowing UsageRecord) {
        var amounts = LimitAmounts(record)
        amounts.requests = 0
        let succeeded = (200..<300).contains(record.status) || record.status == 101
        self = succeeded || record.exactness != .exact || amounts != LimitAmounts() ? .used(amounts) : .nothing
    }

    /// The usage that replaces the amounts `held`.
    func usage(of held: LimitAmounts) -> LimitAmounts {
        switch self {
        case .used(var amounts):
            amounts.requests = held.requests
            return amounts
        case .nothing: return LimitAmounts()
        }
    }
}

extension UsageRecord {
    /// Sets `countsAsRequest`. Call it when status, units and cost are set, before the record is written.
    ///
    /// - Parameter wasHeld: true where the request had a reservation.
    package mutating func setCountsAsRequest(wasHeld: Bool) {
        countsAsRequest = wasHeld && LimitOutcome(self) != .nothing
    }
}
