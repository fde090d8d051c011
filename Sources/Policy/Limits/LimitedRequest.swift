/// What limits have to know of a request before it goes upstream.
package struct LimitedRequest: Sendable {
    /// What a request says of the tokens that it lets the model write.
    package enum Output: Sendable, Equatable {
        /// The endpoint writes none.
        case none
        /// At most `perChoice` for each of `choices` answers.
        case bounded(perChoice: Int64, choices: Int64)
        /// It does not say. A bound can be written into it, where the gateway knows the member's name.
        case unbounded(choices: Int64, canBeBounded: Bool)
    }

    /// What it is billed as.
    package var kind: ServiceKind
    /// The model as it goes upstream.
    package var model: String?
    /// The most that it is likely to use, output tokens apart.
    package var units: BillableUnits
    /// The most input tokens that it can use: what money is reserved for.
    package var mostInputTokens: Int64
    /// The tokens that the model may write.
    package var output: Output

    /// A request of these facts.
    package init(kind: ServiceKind, model: String?, units: BillableUnits, mostInputTokens: Int64? = nil, output: Output)
    {
        self.kind = kind
        self.model = model
        self.units = units
        self.mostInputTokens = max(units.inputTokens, mostInputTokens ?? 0)
        self.output = output
    }
}

/// How many output tokens a request can have, as far as anybody says.
struct OutputBound: Equatable {
    /// What it reserves.
    var reserved: Int64
    /// What has to be written into the request for each choice, so that the reservation is the most it can have.
    var written: Int64?
    /// Whether a stream may run beyond it.
    var isOpen: Bool

    /// The bound of `request` under the limits of its key, its team and the account.
    ///
    /// A request that states none gets the tiers' `max_output_tokens`, written into it; without these, or where it cannot be
    /// written, it reserves `output_reservation`, or all that its limits ever allow where that is less. Where nothing limits
    /// output or money, nothing is written: it stays as it is.
    init(_ request: LimitedRequest, _ limits: ScopeLimits) {
        switch request.output {
        case .none:
            self.init(reserved: 0, written: nil, isOpen: false)
        case .bounded(let perChoice, let choices):
            self.init(reserved: perChoice.timesWithinBounds(choices), written: nil, isOpen: false)
        case .unbounded(let choices, let canBeBounded):
            var most: Int64?
            var tiersMost: Int64?
            var isLimited = false
            limits.forEach { limits in
                isLimited = isLimited || limits.limitsOutput
                if let limit = limits.largestOutput(withInput: request.units.inputTokens) {
                    most = min(most ?? limit, limit)
                }
                if let limit = limits.maxOutputTokens { tiersMost = min(tiersMost ?? limit, limit) }
            }
            if canBeBounded, let tiersMost, let most {
                let written = max(1, min(tiersMost, most) / max(1, choices))
                self.init(reserved: written.timesWithinBounds(choices), written: written, isOpen: false)
            } else if isLimited {
                let wanted = limits.key.outputReservation.timesWithinBounds(choices)
                self.init(reserved: min(wanted, max(1, most ?? wanted)), written: nil, isOpen: true)
            } else {
                self.init(reserved: 0, written: nil, isOpen: false)
            }
        }
    }

    private init(reserved: Int64, written: Int64?, isOpen: Bool) {
        self.reserved = reserved
        self.written = written
        self.isOpen = isOpen
    }
}

/// The limits of all scopes of one request.
struct ScopeLimits {
    let key: TierLimits
    let team: TierLimits?
    let account: TierLimits?

    func forEach(_ body: (TierLimits) -> Void) {
        body(key)
        if let team { body(team) }
        if let account { body(account) }
    }
}

extension Int64 {
    fileprivate func timesWithinBounds(_ factor: Int64) -> Int64 {
        let (product, overflows) = multipliedReportingOverflow(by: factor)
        return overflows ? LimitAmounts.most : Swift.min(product, LimitAmounts.most)
    }
}
