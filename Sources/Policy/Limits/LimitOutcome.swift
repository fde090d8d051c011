/// The end of a request, for limits: the one rule that says what is counted and what is given back.
package enum LimitOutcome: Sendable, Equatable {
    /// The request counts, and used these amounts. `requests` is ignored: it counts as held.
    case used(LimitAmounts)
    /// The request was not sent: everything is given back.
    case nothing

    /// The outcome of the request of `record`, whose amounts are set.
    ///
    /// A request that was sent counts as one, whatever the upstream said: else a client could send any number that fail.
    package init(_ record: borrowing UsageRecord) {
        self = record.countsAsRequest ? .used(LimitAmounts(record)) : .nothing
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
