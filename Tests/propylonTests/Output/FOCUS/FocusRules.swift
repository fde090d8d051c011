/// The rules of FOCUS 1.4 for the dataset Cost and Usage, as far as values alone can break them: the column's presence, its
/// nullability and its format. Columns whose conditions do not hold here are left out.
struct FocusRule {
    enum Format {
        case text
        case decimal
        case time
        case currency
        case object
        case one(of: Set<String>)
    }

    let column: String
    let isNullable: Bool
    let format: Format

    private init(_ column: String, nullable isNullable: Bool = false, _ format: Format) {
        self.column = column
        self.isNullable = isNullable
        self.format = format
    }

    static let mandatory: [FocusRule] = [
        FocusRule("BilledCost", .decimal),
        FocusRule("BillingAccountId", .text),
        FocusRule("BillingAccountName", nullable: true, .text),
        FocusRule("BillingCurrency", .currency),
        FocusRule("BillingPeriodEnd", .time),
        FocusRule("BillingPeriodStart", .time),
        FocusRule("ChargeCategory", .one(of: ["Usage", "Purchase", "Tax", "Credit", "Adjustment"])),
        FocusRule("ChargeClass", nullable: true, .one(of: ["Correction"])),
        FocusRule("ChargeDescription", nullable: true, .text),
        FocusRule("ChargePeriodEnd", .time),
        FocusRule("ChargePeriodStart", .time),
        FocusRule("ContractedCost", .decimal),
        FocusRule("EffectiveCost", .decimal),
        FocusRule("HostProviderName", .text),
        FocusRule("InvoiceIssuerName", .text),
        FocusRule("ListCost", .decimal),
        FocusRule("PricingQuantity", nullable: true, .decimal),
        FocusRule("PricingUnit", nullable: true, .text),
        FocusRule("ServiceCategory", .one(of: ["AI and Machine Learning"])),
        FocusRule("ServiceName", .text),
        FocusRule("ServiceProviderName", .text),
    ]

    static let conditional: [FocusRule] = [
        FocusRule("ChargeFrequency", .one(of: ["One-Time", "Recurring", "Usage-Based"])),
        FocusRule("ConsumedQuantity", nullable: true, .decimal),
        FocusRule("ConsumedUnit", nullable: true, .text),
        FocusRule("ResourceId", nullable: true, .text),
        FocusRule("ResourceName", nullable: true, .text),
        FocusRule("ResourceType", nullable: true, .text),
        FocusRule("ServiceSubcategory", .one(of: ["Generative AI"])),
        FocusRule("SkuId", nullable: true, .text),
        FocusRule("SkuMeter", nullable: true, .text),
        FocusRule("SkuPriceDetails", nullable: true, .object),
        FocusRule("SkuPriceId", nullable: true, .text),
        FocusRule("SubAccountId", nullable: true, .text),
        FocusRule("SubAccountName", nullable: true, .text),
        FocusRule("SubAccountType", nullable: true, .text),
        FocusRule("Tags", nullable: true, .object),
    ]

    /// Returns true for a value that the rule allows; empty is null.
    func allows(_ value: String) -> Bool {
        guard !value.isEmpty else { return isNullable }
        switch format {
        case .text: return value.contains { $0 != " " }
        case .decimal: return value.wholeMatch(of: /-?\d+(\.\d+)?/) != nil
        case .time: return value.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil
        case .currency: return value == "EUR"
        case .object:
            return value.wholeMatch(of: /\{("(\\.|[^"\\])*":(true|false|null|"(\\.|[^"\\])*"|-?\d+(\.\d+)?),?)*\}/)
                != nil
        case .one(let values): return values.contains(value)
        }
    }

    /// The rules between the columns of a charge, by their names; empty is null. Returns the names of those that are broken.
    static func broken(by charge: [String: String]) -> [String] {
        func value(_ name: String) -> String { charge[name] ?? "" }
        func isNull(_ name: String) -> Bool { value(name).isEmpty }
        let isCorrection = value("ChargeClass") == "Correction"
        let isUsage = value("ChargeCategory") == "Usage"
        let isPlain = isUsage && !isCorrection
        let rules: [(String, Bool)] = [
            ("periods are not empty", value("ChargePeriodStart") < value("ChargePeriodEnd")),
            ("billing periods are not empty", value("BillingPeriodStart") < value("BillingPeriodEnd")),
            ("SkuId of usage", !isPlain || !isNull("SkuId")),
            ("SkuPriceId of usage", !isPlain || !isNull("SkuPriceId")),
            ("SkuPriceId has a SkuId", isNull("SkuPriceId") || !isNull("SkuId")),
            ("SkuMeter without SkuId", !isNull("SkuId") || isNull("SkuMeter")),
            ("SkuPriceDetails without SkuPriceId", !isNull("SkuPriceId") || isNull("SkuPriceDetails")),
            ("PricingQuantity of usage", !isPlain || !isNull("PricingQuantity")),
            ("PricingQuantity without SkuPriceId", !isNull("SkuPriceId") || isNull("PricingQuantity")),
            ("PricingUnit with PricingQuantity", isNull("PricingQuantity") == isNull("PricingUnit")),
            ("ConsumedQuantity of usage", !isPlain || !isNull("ConsumedQuantity")),
            ("ConsumedQuantity of others", isUsage || isNull("ConsumedQuantity")),
            ("ConsumedQuantity without SkuPriceId", !isNull("SkuPriceId") || isNull("ConsumedQuantity")),
            ("ConsumedUnit with ConsumedQuantity", isNull("ConsumedQuantity") == isNull("ConsumedUnit")),
            ("ContractedCost without negotiation", value("ContractedCost") == value("ListCost")),
            ("ContractedCost of credits", value("ContractedCost") == value("BilledCost")),
            ("EffectiveCost without commitments", value("EffectiveCost") == value("BilledCost")),
            ("ResourceName without ResourceId", !isNull("ResourceId") || isNull("ResourceName")),
            ("SubAccountName with SubAccountId", isNull("SubAccountId") == isNull("SubAccountName")),
            ("SubAccountType with SubAccountId", isNull("SubAccountId") == isNull("SubAccountType")),
            (
                "a correction is of a closed month",
                isCorrection == (value("ChargePeriodEnd") <= value("BillingPeriodStart"))
            ),
            (
                "other charges are in their month",
                isCorrection
                    || (value("BillingPeriodStart") <= value("ChargePeriodStart")
                        && value("ChargePeriodEnd") <= value("BillingPeriodEnd"))
            ),
        ]
        return rules.filter { !$0.1 }.map(\.0)
    }
}
