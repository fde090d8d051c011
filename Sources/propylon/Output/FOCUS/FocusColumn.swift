import Bytes
import Clocks
import Foundation
import Policy

/// A column of the dataset Cost and Usage of FOCUS, the FinOps Open Cost and Usage Specification. `all` is the list of them.
///
/// It has the mandatory columns and those whose conditions hold: usage measurement, unit pricing, resources, sub accounts and tags.
/// Names and order are those of the specification, custom columns after its own.
struct FocusColumn: Sendable {
    /// The version of the specification.
    static let version = "1.4"

    let name: String
    /// The value of a charge; empty for null.
    let value: @Sendable (FocusCharge, FocusProvider) -> String

    private init(_ name: String, _ value: @escaping @Sendable (FocusCharge, FocusProvider) -> String?) {
        self.name = name
        self.value = { value($0, $1) ?? "" }
    }

    /// The line of titles, with a newline.
    static let titles = CSVText.text([all.map(\.name)])

    /// The line of `charge`, with a newline.
    static func line(_ charge: FocusCharge, _ provider: FocusProvider) -> String {
        CSVText.text([all.map { $0.value(charge, provider) }])
    }

    /// All columns, in their order.
    static let all: [FocusColumn] =
        costs("BilledCost")
        + [
            FocusColumn("BillingAccountId") { $1.account },
            FocusColumn("BillingAccountName") { $1.account },
            FocusColumn("BillingCurrency") { _, _ in "EUR" },
            FocusColumn("BillingPeriodEnd") { charge, _ in time(charge.billingPeriod.upperBound) },
            FocusColumn("BillingPeriodStart") { charge, _ in time(charge.billingPeriod.lowerBound) },
            FocusColumn("ChargeCategory") { charge, _ in charge.category },
            FocusColumn("ChargeClass") { charge, _ in charge.isCorrection ? "Correction" : nil },
            FocusColumn("ChargeDescription") { charge, _ in charge.description },
            FocusColumn("ChargeFrequency") { charge, _ in charge.category == "Usage" ? "Usage-Based" : "One-Time" },
            FocusColumn("ChargePeriodEnd") { charge, _ in time(charge.period.upperBound) },
            FocusColumn("ChargePeriodStart") { charge, _ in time(charge.period.lowerBound) },
            FocusColumn("ConsumedQuantity") { charge, _ in charge.consumption?.decimal },
            FocusColumn("ConsumedUnit") { charge, _ in charge.consumption?.unit },
        ] + costs("ContractedCost", "EffectiveCost")
        + [
            FocusColumn("HostProviderName") { $1.name },
            FocusColumn("InvoiceIssuerName") { $1.name },
        ] + costs("ListCost")
        + [
            FocusColumn("PricingQuantity") { charge, _ in charge.consumption?.decimal },
            FocusColumn("PricingUnit") { charge, _ in charge.consumption?.unit },
            FocusColumn("ResourceId") { charge, _ in charge.keyID },
            FocusColumn("ResourceName") { charge, _ in charge.keyName },
            FocusColumn("ResourceType") { _, _ in "API Key" },
            FocusColumn("ServiceCategory") { _, _ in "AI and Machine Learning" },
            FocusColumn("ServiceName") { _, _ in "LLMaaS" },
            FocusColumn("ServiceProviderName") { $1.name },
            FocusColumn("ServiceSubcategory") { _, _ in "Generative AI" },
            FocusColumn("SkuId") { charge, _ in charge.sku },
            FocusColumn("SkuMeter") { charge, _ in charge.consumption?.unit },
            FocusColumn("SkuPriceDetails") { _, _ in nil },
            FocusColumn("SkuPriceId") { charge, _ in charge.skuPrice },
            FocusColumn("SubAccountId") { charge, _ in charge.team },
            FocusColumn("SubAccountName") { charge, _ in charge.team },
            FocusColumn("SubAccountType") { charge, _ in charge.team.map { _ in "Team" } },
            FocusColumn("Tags") { charge, _ in charge.tagObject },
        ] + custom

    /// The costs in `names`: what was used is billed at once, and there is one price, so all costs are the same.
    private static func costs(_ names: String...) -> [FocusColumn] {
        names.map { FocusColumn($0) { charge, _ in charge.cost.decimal } }
    }

    /// The gateway's own columns.
    private static let custom: [FocusColumn] =
        [
            FocusColumn("x_Endpoint") { charge, _ in charge.endpoint },
            FocusColumn("x_EnergyKwh") { charge, _ in
                charge.row.map { DecimalText.text($0.milliwattHours, places: 6) }
            },
            FocusColumn("x_EstimatedRequests") { charge, _ in charge.row.map { String($0.estimatedRequests) } },
            FocusColumn("x_Model") { charge, _ in charge.model },
            FocusColumn("x_Requests") { charge, _ in charge.row.map { String($0.requests) } },
        ]
        + [
            ("x_InputTokens", Unit.inputTokens), ("x_CachedTokens", .cachedTokens), ("x_OutputTokens", .outputTokens),
            ("x_ReasoningTokens", .reasoningTokens),
        ].map { name, unit in FocusColumn(name) { charge, _ in charge.row.map { String($0.units[unit]) } } }

    private static func time(_ second: Int64) -> String { TimeText.utc.string(Timestamp(seconds: second)) }
}
