/// The facts about a request that limits need before it goes upstream.
package struct LimitedRequest: Sendable {
    /// The tokens that the request lets the model write.
    package enum Output: Sendable, Equatable {
        /// None: the endpoint writes no tokens.
        case none
        /// At most `perChoice` for each of `choices` choices.
        case bounded(perChoice: Int64, choices: Int64)
        /// The request has no bound. The gateway can write one into it where it knows the member's name.
        case unbounded(choices: Int64, canBeBounded: Bool)
    }

    /// The kind of service that it is billed as.
    package var kind: ServiceKind
    /// The model as it goes upstream.
    package var model: String?
    /// The user that it names; empty without one.
    package var user = ""
    /// The likely most usage, without output tokens.
    package var units: BillableUnits
    /// The most input tokens possible: money is reserved for these.
    package var mostInputTokens: Int64
    /// Bytes of text among the input: `mostInputTokens` has a token for each. 0 where that is unknown.
    package var textBytes: Int64 = 0
    /// True where all of the input is text.
    package var isText = true
    /// The tokens that the model may write.
    package var output: Output

    /// A request with these facts. `mostInputTokens` is at least the input tokens of `units`.
    package init(kind: ServiceKind, model: String?, units: BillableUnits, mostInputTokens: Int64? = nil, output: Output)
    {
        self.kind = kind
        self.model = model
        self.units = units
        self.mostInputTokens = max(units.inputTokens, mostInputTokens ?? 0)
        self.output = output
    }
}
