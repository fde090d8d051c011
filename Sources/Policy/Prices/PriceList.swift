import Bytes

/// The table of prices after which a request is billed.
package enum ServiceKind: Sendable, CaseIterable {
    /// Input, output and reasoning tokens: chat, completions, embeddings.
    case tokens
    /// The tokens of a query and its documents.
    case rerank
    /// Started minutes of audio.
    case transcription
    /// Characters turned into speech.
    case speech
    /// Images made.
    case images
    /// Tokens of a batch's lines.
    case batch
    /// Nothing: model lists, files, polls.
    case free
}

/// What one model costs, in nano-euros a unit. A price per million tokens in EUR, times 1000, is the price of one
/// token.
package struct ModelPrices: Sendable, Equatable {
    /// An input token, cached ones too: the vendor has no price of their own for them.
    package var input: Int64
    /// An output token that is not a reasoning token.
    package var output: Int64
    /// A reasoning token; nil for the price of an output token.
    package var reasoning: Int64?
    /// A token of a rerank's query or documents.
    package var rerank: Int64
    /// A started minute of transcribed audio.
    package var audioMinute: Int64
    /// A character turned into speech. The vendor publishes no price: 0 unless configured.
    package var speechCharacter: Int64
    /// An image. The vendor publishes no price: 0 unless configured.
    package var image: Int64
    /// An input token of a batch; nil for half of `input`.
    package var batchInput: Int64?
    /// An output token of a batch; nil for half of `output`, and for reasoning tokens half of `reasoning`.
    package var batchOutput: Int64?

    /// The vendor's published prices (UPSTREAM.md, "Prices"): 1.80 EUR a million input tokens, 8.00 output and
    /// reasoning, 4.00 reranked, half in batches, 0.01 a started minute of audio.
    package static let vendor = ModelPrices()

    private init() {
        input = 1800
        output = 8000
        rerank = 4000
        audioMinute = 10_000_000
        speechCharacter = 0
        image = 0
    }

    func cost(of units: BillableUnits, kind: ServiceKind) -> NanoEuros {
        var sum = SaturatedSum()
        switch kind {
        case .tokens:
            sum.add(units.inputTokens, at: input)
            sum.addOutput(units, at: output, reasoning: reasoning ?? output)
        case .batch:
            let output = batchOutput ?? Self.half(output)
            sum.add(units.inputTokens, at: batchInput ?? Self.half(input))
            sum.addOutput(units, at: output, reasoning: batchOutput ?? reasoning.map(Self.half) ?? output)
        case .rerank: sum.add(units.inputTokens, at: rerank)
        case .transcription: sum.add(units.audioMinutes, at: audioMinute)
        case .speech: sum.add(units.characters, at: speechCharacter)
        case .images: sum.add(units.images, at: image)
        case .free: break
        }
        return NanoEuros(sum.amount)
    }

    /// What an output token costs at most; 0 for services that are not billed by it.
    func dearestOutput(of kind: ServiceKind) -> Int64 {
        switch kind {
        case .tokens: max(output, reasoning ?? output)
        case .batch, .rerank, .transcription, .speech, .images, .free: 0
        }
    }

    /// Half a price, rounded up where it is odd: rounding never makes anything free.
    private static func half(_ price: Int64) -> Int64 { price / 2 + price % 2 }
}

/// What everything costs: the vendor's prices, and those of the configuration for single models.
package struct PriceList: Sendable, Equatable {
    /// What a model costs that has no prices of its own.
    package let standard: ModelPrices
    /// Models with prices of their own.
    package let models: [String: ModelPrices]

    /// The vendor's prices alone.
    package static let vendor = PriceList()

    /// `standard` for every model but those of `models`.
    package init(standard: ModelPrices = .vendor, models: [String: ModelPrices] = [:]) {
        self.standard = standard
        self.models = models
    }

    /// What `units` cost as a service of the kind `kind`.
    ///
    /// `model` is the model as it was served; without one, or where it has no prices of its own, the standard price
    /// counts. Reasoning tokens are taken out of the output tokens they are among; should there be more of them than of
    /// these, all are billed. Negative units count as 0, and the sum stops at the largest number.
    package func cost(of units: BillableUnits, kind: ServiceKind, model: String?) -> NanoEuros {
        prices(of: model).cost(of: units, kind: kind)
    }

    /// The prices of `model`, or the standard ones.
    package func prices(of model: String?) -> ModelPrices { model.flatMap { models[$0] } ?? standard }

    /// Whether the price of `model` is stated by anybody: the vendor's catalogue or the configuration. What is billed
    /// for an unknown model is a guess, which deserves an alarm.
    package func knows(_ model: String) -> Bool { models[model] != nil || ModelCatalogue.ids.contains(model) }
}

/// A sum of products that stops at the largest number.
private struct SaturatedSum {
    private(set) var amount: Int64 = 0

    mutating func add(_ count: Int64, at price: Int64) {
        let (product, productOverflows) = max(0, count).multipliedReportingOverflow(by: max(0, price))
        let (sum, sumOverflows) = amount.addingReportingOverflow(product)
        amount = productOverflows || sumOverflows ? .max : sum
    }

    mutating func addOutput(_ units: BillableUnits, at price: Int64, reasoning reasoningPrice: Int64) {
        let reasoning = max(0, units.reasoningTokens)
        add(max(0, units.outputTokens) - min(reasoning, max(0, units.outputTokens)), at: price)
        add(reasoning, at: reasoningPrice)
    }
}
