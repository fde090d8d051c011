/// Amounts by the places in the tables of limits, so that the counters of a scope need no table.
struct SlotAmounts: Sendable {
    let requests: Int64
    let tokens: Int64
    let rates: PerRateKind<Int64>
    let windows: PerWindowKind<Int64>

    /// - Parameter startsRequests: false where the requests of `amounts` are parts of one that is in flight.
    init(_ amounts: LimitAmounts, startsRequests: Bool = true) {
        requests = startsRequests ? amounts.requests : 0
        tokens = amounts.tokens
        let rateKinds = LimitKind.rateKinds
        let windowKinds = LimitKind.windowKinds
        rates = PerRateKind { amounts[rateKinds.span[$0].unit] }
        windows = PerWindowKind { amounts[windowKinds.span[$0].unit] }
    }

    /// The amounts of a batch, in the limits that count batches.
    init(ofBatch amounts: LimitAmounts) {
        requests = 0
        tokens = 0
        rates = PerRateKind(repeating: 0)
        windows = PerWindowKind { slot in
            let kind = LimitKind.windowKinds[slot].kind
            return kind.countsBatches ? amounts[kind.unit] : 0
        }
    }
}

/// The end of a reservation, the same for all scopes.
struct SettledAmounts: Sendable {
    /// The amounts that were held.
    let held: SlotAmounts
    /// The usage that replaces them.
    let used: SlotAmounts
    /// The amounts of the last charge of the buckets.
    let lastCharge: PerRateKind<Int64>
    /// The windows in which the request was admitted.
    let windows: CurrentWindows.Numbers

    init(_ reservation: borrowing Reservation, _ outcome: LimitOutcome) {
        held = SlotAmounts(reservation.held)
        used = SlotAmounts(outcome.usage(of: reservation.held))
        lastCharge = reservation.lastCharge
        windows = reservation.windows
    }

    /// The usage of `reservation` in a scope that holds nothing of it.
    init(withoutHoldOf reservation: borrowing Reservation, _ outcome: LimitOutcome) {
        held = SlotAmounts(LimitAmounts())
        used = SlotAmounts(outcome.usage(of: reservation.held))
        lastCharge = reservation.lastCharge
        windows = reservation.windows
    }
}
