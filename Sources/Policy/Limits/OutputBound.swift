import Bytes

/// The output tokens that a request reserves, and the bound that makes the reservation hard.
struct OutputBound: Equatable {
    /// The output tokens to reserve.
    var reserved: Int64
    /// The bound to write into the request for each choice, so that it cannot exceed the reservation.
    var written: Int64?
    /// True where a stream may run beyond the reservation.
    var isOpen: Bool

    /// The bound of `request` under the limits of its key, its team and the account.
    ///
    /// A request without a bound gets the tiers' `max_output_tokens` written into it. Where there are none, or they cannot be
    /// written, it reserves `output_reservation`, or all that its limits ever allow where that is less. Where no limit counts
    /// output or money, the request stays unchanged.
    init(_ request: LimitedRequest, _ limits: ScopeLimits) {
        switch request.output {
        case .none:
            self.init(reserved: 0, written: nil, isOpen: false)
        case .bounded(let perChoice, let choices):
            self.init(reserved: Self.product(perChoice, choices), written: nil, isOpen: false)
        case .unbounded(let choices, let canBeBounded):
            self.init(choices: choices, canBeBounded, input: request.units.inputTokens, limits)
        }
    }

    private init(choices: Int64, _ canBeBounded: Bool, input: Int64, _ limits: ScopeLimits) {
        let most = limits.largestOutput(withInput: input)
        if canBeBounded, let tiersMost = limits.maxOutputTokens, let most {
            let written = max(1, min(tiersMost, most) / max(1, choices))
            self.init(reserved: Self.product(written, choices), written: written, isOpen: false)
        } else if limits.limitsOutput {
            let wanted = Self.product(limits.outputReservation, choices)
            self.init(reserved: min(wanted, max(1, most ?? wanted)), written: nil, isOpen: true)
        } else {
            self.init(reserved: 0, written: nil, isOpen: false)
        }
    }

    private init(reserved: Int64, written: Int64?, isOpen: Bool) {
        self.reserved = reserved
        self.written = written
        self.isOpen = isOpen
    }

    /// The product within 0 and `LimitAmounts.most`. Amounts come from clients.
    private static func product(_ tokens: Int64, _ choices: Int64) -> Int64 {
        min(max(0, tokens.multipliedSaturated(by: choices)), LimitAmounts.most)
    }
}
