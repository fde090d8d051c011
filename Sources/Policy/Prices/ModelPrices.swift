/// The prices of one model, in nano-euros per unit. A price in EUR per million tokens, times 1000, is the price of one token.
package struct ModelPrices: Sendable, Equatable {
    /// An input token.
    package var input: Int64
    /// An input token that was read from a cache; nil for the price of an input token, as the vendor has it.
    package var cached: Int64?
    /// An output token that is not a reasoning token.
    package var output: Int64
    /// A reasoning token; nil for the price of an output token.
    package var reasoning: Int64?
    /// A token of a rerank's query or documents.
    package var rerank: Int64
    /// A started minute of transcribed audio.
    package var audioMinute: Int64
    /// A character of text for speech; nil where no price is known, as the vendor publishes none: then it costs nothing.
    package var speechCharacter: Int64?
    /// An image; nil as for speech.
    package var image: Int64?
    /// An input token of a batch; nil for half of `input`, and for cached tokens half of `cached`.
    package var batchInput: Int64?
    /// An output token of a batch; nil for half of `output`, and for reasoning tokens half of `reasoning`.
    package var batchOutput: Int64?

    /// The vendor's published prices: 1.80 EUR per million input tokens, 8.00 for output and reasoning, 4.00 for rerank, half of
    /// these in batches, 0.01 per started minute of audio.
    package static let vendor = ModelPrices()

    private init() {
        input = 1800
        output = 8000
        rerank = 4000
        audioMinute = 10_000_000
    }

    /// The price of `units` for a service of `kind`; see `PriceList.cost`.
    func cost(of units: BillableUnits, kind: ServiceKind) -> NanoEuros {
        var sum = SaturatedSum()
        switch kind {
        case .tokens:
            sum.addInput(units, at: input, cached: cached ?? input)
            sum.addOutput(units, at: output, reasoning: reasoning ?? output)
        case .batch:
            let output = batchOutput ?? Self.half(output)
            let input = batchInput ?? Self.half(input)
            sum.addInput(units, at: input, cached: batchInput ?? cached.map(Self.half) ?? input)
            sum.addOutput(units, at: output, reasoning: batchOutput ?? reasoning.map(Self.half) ?? output)
        case .rerank: sum.add(units.inputTokens, at: rerank)
        case .transcription: sum.add(units.audioMinutes, at: audioMinute)
        case .speech: sum.add(units.characters, at: speechCharacter ?? 0)
        case .images: sum.add(units.images, at: image ?? 0)
        case .free: break
        }
        return NanoEuros(sum.amount)
    }

    /// The highest price of an output token; 0 for services that are not billed by it.
    func highestOutputPrice(of kind: ServiceKind) -> Int64 {
        switch kind {
        case .tokens: max(output, reasoning ?? output)
        case .batch, .rerank, .transcription, .speech, .images, .free: 0
        }
    }

    /// `units` with their tokens as the dearest kinds that these prices have: input as cached tokens, output as reasoning.
    ///
    /// No request that uses at most `units` costs more.
    func dearest(_ units: BillableUnits) -> BillableUnits {
        var units = units
        units.cachedTokens = (cached ?? input) > input ? units.inputTokens : 0
        units.reasoningTokens = (reasoning ?? output) > output ? units.outputTokens : 0
        return units
    }

    /// Returns false for a service whose price is not known, so that it costs nothing. A price of 0 is known.
    func states(_ kind: ServiceKind) -> Bool {
        switch kind {
        case .speech: speechCharacter != nil
        case .images: image != nil
        case .tokens, .batch, .rerank, .transcription, .free: true
        }
    }

    /// Half a price, rounded up, so that rounding never makes a service free.
    private static func half(_ price: Int64) -> Int64 { price / 2 + price % 2 }
}
