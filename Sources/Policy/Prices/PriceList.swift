/// All prices: the vendor's, and those of the configuration for single models.
package struct PriceList: Sendable, Equatable {
    /// The prices of a model that has none in `models`.
    package let standard: ModelPrices
    /// The prices of single models, by name.
    package let models: [String: ModelPrices]

    /// The vendor's prices alone.
    package static let vendor = PriceList()

    /// `standard` for every model but those of `models`.
    package init(standard: ModelPrices = .vendor, models: [String: ModelPrices] = [:]) {
        self.standard = standard
        self.models = models
    }

    /// The price of `units` for a service of `kind`.
    ///
    /// Reasoning tokens are taken out of the output tokens; should there be more of them, all are billed. Negative units count
    /// as 0, and the sum stops at the largest number.
    ///
    /// - Parameter model: the model as it was served; nil, or one without prices in `models`, costs `standard`.
    package func cost(of units: BillableUnits, kind: ServiceKind, model: String?) -> NanoEuros {
        prices(of: model).cost(of: units, kind: kind)
    }

    /// The prices of `model`, or the standard ones.
    package func prices(of model: String?) -> ModelPrices { model.flatMap { models[$0] } ?? standard }

    /// Returns true where the vendor's catalogue or the configuration states a price for `model`. The price of an unknown model
    /// is a guess, and deserves an alert.
    package func knows(_ model: String) -> Bool { models[model] != nil || ModelCatalogue.ids.contains(model) }
}
