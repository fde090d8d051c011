/// Amounts of the requests to one model.
package struct ModelAmounts: Sendable, Equatable {
    /// The model; nil where it is not known.
    package var model: String?
    /// The amounts.
    package var amounts: LimitAmounts

    /// Amounts of these requests.
    package init(model: String?, amounts: LimitAmounts) {
        self.model = model
        self.amounts = amounts
    }
}

extension [ModelAmounts] {
    /// The amounts of all models together.
    var sum: LimitAmounts { reduce(LimitAmounts()) { $0 + $1.amounts } }
}
