import Bytes
import Clocks
import Policy
import Store

/// A charge of a FOCUS dataset: a row of its CSV.
struct FocusCharge {
    /// The nature of a charge.
    enum Kind {
        /// Usage of a model or, without one, of an endpoint.
        case usage(Consumption, UsageRow)
        /// An amount that a key got back, or with the other sign was charged.
        case credit
        /// A repricing of a month that was over: the cost goes back to what it was in that month.
        case restoration
        /// The same repricing in the month in which it was made: a correction.
        case correction
    }

    /// What was consumed, in the unit that is billed.
    struct Consumption {
        let quantity: Int64
        /// The unit, as FOCUS writes units.
        let unit: String

        /// The quantity with a decimal, as `1200.0`: readers that guess types would take a column of whole numbers for integers.
        var decimal: String { "\(quantity).0" }
    }

    let kind: Kind
    /// The hour or day of the usage, in seconds since 1970.
    let period: Range<Int64>
    /// The month that it is billed in.
    let billingPeriod: Range<Int64>
    let keyID: String
    let keyName: String?
    let team: String?
    let model: String?
    let endpoint: String?
    /// The tags of the requests.
    var tags: [String] = []
    let cost: NanoEuros
}

extension FocusCharge.Consumption {
    /// The consumption of `row` by requests of the service `kind`: the unit that it bills, or else the first that was used.
    init(_ row: UsageRow, kind: ServiceKind?) {
        let tokens = row.units.inputTokens.addingSaturated(row.units.outputTokens)
        let billed: Unit? =
            switch kind {
            case .transcription: .audioMinutes
            case .speech: .characters
            case .images: .images
            case .tokens, .rerank, .batch, .free, nil: nil
            }
        func amount(_ unit: Unit) -> (Int64, String) { (row.units[unit], Self.name(of: unit)) }
        let others: [Unit] = [.audioMinutes, .characters, .images, .searchUnits]
        let amounts = [billed].compactMap { $0 }.map(amount) + [(tokens, "Tokens")] + others.map(amount)
        (quantity, unit) = amounts.first { $0.0 != 0 } ?? (row.requests, "Requests")
    }

    private static func name(of unit: Unit) -> String {
        switch unit {
        case .inputTokens, .outputTokens, .reasoningTokens, .cachedTokens: "Tokens"
        case .audioMinutes: "Minutes"
        case .characters: "Characters"
        case .images: "Images"
        case .searchUnits: "Units"
        }
    }
}

// The values of columns.
extension FocusCharge {
    /// The row of usage; nil for other charges.
    var row: UsageRow? {
        if case .usage(_, let row) = kind { row } else { nil }
    }

    /// The consumption; nil for other charges than usage.
    var consumption: Consumption? {
        if case .usage(let consumption, _) = kind { consumption } else { nil }
    }

    /// `ChargeCategory`
    var category: String {
        switch kind {
        case .usage, .correction: "Usage"
        case .credit: "Credit"
        case .restoration: "Adjustment"
        }
    }

    /// True for a correction of a month that was over.
    var isCorrection: Bool {
        if case .correction = kind { true } else { false }
    }

    /// The SKU: the model, or the endpoint where requests name none. Nil for other charges than usage.
    var sku: String? { consumption.flatMap { _ in model ?? endpoint } }

    /// The price of the SKU: it has one for each unit.
    var skuPrice: String? {
        sku.flatMap { sku in consumption.map { "\(sku)/\($0.unit)" } }
    }

    /// `ChargeDescription`
    var description: String {
        switch kind {
        case .usage: [model, endpoint].compactMap { $0 }.joined(separator: ", ")
        case .credit: "Credit"
        case .restoration: "Cost before a later repricing" + (model.map { " of \($0)" } ?? "")
        case .correction: "Repricing" + (model.map { " of \($0)" } ?? "")
        }
    }

    /// `Tags`: tags have no values, so the specification asks for true. Nil without any.
    var tagObject: String? {
        tags.isEmpty ? nil : JSONText.object(tags.map { ($0, .boolean(true)) }).line
    }
}
