import Clocks

/// The prices of one request: those that its model had when it began. Two words, so that a request carries them without a copy.
package struct RequestPrices: Sendable {
    private let entry: PriceList.Entry
    private let moment: Timestamp

    init(_ entry: PriceList.Entry, at moment: Timestamp) {
        self.entry = entry
        self.moment = moment
    }

    /// The prices by unit.
    package var values: ModelPrices { entry.history.prices(at: moment) }

    /// The price of `units` for a service of `kind`; see `PriceList.cost`.
    package func cost(of units: BillableUnits, kind: ServiceKind) -> NanoEuros {
        values.cost(of: units, kind: kind)
    }

    /// The gap in the list by which a service of `kind` lacks its own price; nil where it has one.
    ///
    /// - Parameter model: the model whose prices these are, for the report.
    package func missingPrice(of model: String?, kind: ServiceKind) -> MissingPrice? {
        guard kind != .free else { return nil }
        guard values.states(kind) else {
            return MissingPrice(model: model, kind: kind, isFree: true)
        }
        guard let model, !entry.isListed else { return nil }
        return MissingPrice(model: model, kind: kind, isFree: false)
    }
}
