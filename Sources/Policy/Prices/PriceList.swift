import Clocks

/// All prices: the vendor's, and those of the configuration for single models.
package struct PriceList: Sendable, Equatable {
    /// The prices of a model that has none in `models`.
    package let standard: PriceHistory
    /// The prices of single models, by name.
    package let models: [String: PriceHistory]

    /// The vendor's prices alone.
    package static let vendor = PriceList()

    /// `standard` for every model but those of `models`.
    package init(standard: PriceHistory = PriceHistory(.vendor), models: [String: PriceHistory] = [:]) {
        self.standard = standard
        self.models = models
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

    /// The prices of `model` for a request that begins at `moment`, or the standard ones.
    package func prices(of model: String?, at moment: Timestamp) -> ModelPrices {
        (model.flatMap { models[$0] } ?? standard).prices(at: moment)
    }

    /// The gap in the list by which a service of `kind` has no price of its own at `moment`; nil where it has one.
    package func missingPrice(of model: String?, kind: ServiceKind, at moment: Timestamp) -> MissingPrice? {
        guard kind != .free else { return nil }
        guard prices(of: model, at: moment).states(kind) else {
            return MissingPrice(model: model, kind: kind, isFree: true)
        }
        guard let model, !knows(model) else { return nil }
        return MissingPrice(model: model, kind: kind, isFree: false)
    }

    /// Returns true where the vendor's catalogue or the configuration states a price for `model`.
    package func knows(_ model: String) -> Bool { models[model] != nil || ModelCatalogue.ids.contains(model) }
}
