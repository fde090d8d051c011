/// The energy that models use.
package struct EnergyTable: Sendable, Equatable {
    private let nanowattHoursPerToken: [String: Int64]

    /// The vendor's published numbers alone.
    package static let vendor = EnergyTable()

    /// The vendor's numbers, with `overrides` added or in their place: nanowatt-hours of one token by model. That is kWh per
    /// million tokens, times a million.
    package init(overriding overrides: [String: Int64] = [:]) {
        var table: [String: Int64] = [:]
        for model in ModelCatalogue.models {
            table[model.id] = model.microwattHoursPerToken.map { $0 * 1000 }
        }
        nanowattHoursPerToken = table.merging(overrides) { _, override in override }
    }

    /// The nanowatt-hours of one token of `model`, input or output; nil where no source states them.
    package func nanowattHoursPerToken(of model: String) -> Int64? { nanowattHoursPerToken[model] }

    /// The energy of `tokens` tokens of `model` in milliwatt-hours, rounded to the nearest and saturated; 0 where it is unknown.
    package func milliwattHours(model: String?, tokens: Int64) -> Int64 {
        guard tokens > 0, let model, let perToken = nanowattHoursPerToken[model], perToken > 0 else { return 0 }
        let product = tokens.multipliedFullWidth(by: perToken)
        let (low, overflow) = product.low.addingReportingOverflow(500_000)
        let high = UInt64(product.high) + (overflow ? 1 : 0)
        guard high < 1_000_000 else { return .max }
        return Int64(clamping: UInt64(1_000_000).dividingFullWidth((high, low)).quotient)
    }
}
