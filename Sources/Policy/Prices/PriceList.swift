import Clocks

/// All prices: the vendor's, and those of the configuration for single models. An object, since every request refers to it.
package final class PriceList: Sendable {
    /// The prices of a model that has none in `models`.
    package let standard: PriceHistory
    /// The prices of single models, by name.
    package let models: [String: PriceHistory]
    /// The models of `models` and of the vendor's catalogue.
    private let listed: [String: Entry]
    private let unlisted: Entry

    /// The vendor's prices alone.
    package static let vendor = PriceList()

    /// The prices of one model, or of all that have none of their own.
    final class Entry: Sendable {
        let history: PriceHistory
        /// True where the vendor's catalogue or the configuration states them for the model.
        let isListed: Bool

        init(_ history: PriceHistory, isListed: Bool) {
            self.history = history
            self.isListed = isListed
        }
    }

    /// `standard` for every model but those of `models`.
    package init(standard: PriceHistory = PriceHistory(.vendor), models: [String: PriceHistory] = [:]) {
        self.standard = standard
        self.models = models
        let catalogued = Entry(standard, isListed: true)
        listed = models.mapValues { Entry($0, isListed: true) }
            .merging(ModelCatalogue.ids.lazy.map { ($0, catalogued) }) { own, _ in own }
        unlisted = Entry(standard, isListed: false)
    }

    /// The price of `units` for a service of `kind`.
    ///
    /// Cached tokens are taken out of the input tokens, and reasoning tokens out of the output tokens; should there be more of
    /// these, all are billed. Negative units count as 0, and the sum stops at the largest number.
    ///
    /// - Parameters:
    ///   - model: the model as it was served; nil, or one without prices in `models`, costs `standard`.
    ///   - moment: the start of the request.
    package func cost(
        of units: BillableUnits, kind: ServiceKind, model: String?, at moment: Timestamp
    ) -> NanoEuros {
        prices(of: model, at: moment).cost(of: units, kind: kind)
    }

    /// The prices of a request for `model` that begins at `moment`; the standard ones where no list knows the model.
    package func prices(of model: String?, at moment: Timestamp) -> RequestPrices {
        RequestPrices(model.flatMap { listed[$0] } ?? unlisted, at: moment)
    }

    /// The gap in the list by which a service of `kind` lacks its own price at `moment`; nil where it has one.
    package func missingPrice(of model: String?, kind: ServiceKind, at moment: Timestamp) -> MissingPrice? {
        prices(of: model, at: moment).missingPrice(of: model, kind: kind)
    }

    /// Returns true where the vendor's catalogue or the configuration states a price for `model`.
    package func knows(_ model: String) -> Bool { listed[model] != nil }
}

extension PriceList: Equatable {
    package static func == (left: PriceList, right: PriceList) -> Bool {
        left.standard == right.standard && left.models == right.models
    }
}
