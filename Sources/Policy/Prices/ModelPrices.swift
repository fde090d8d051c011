/// The prices of one model, in nano-euros per unit. A price in EUR per million tokens, times 1000, is the price of one token.
package struct ModelPrices: Sendable, Equatable {
    /// An input token. The vendor has no other price for cached ones.
    package var input: Int64
    /// An output token that is not a reasoning token.
    package var output: Int64
    /// A reasoning token; nil for the price of an output token.
    package var reasoning: Int64?
    /// A token of a rerank's query or documents.
    package var rerank: Int64
    /// A started minute of transcribed audio.
    package var audioMinute: Int64
    /// A character of text for speech. The vendor publishes no price: 0 unless configured.
    package var speechCharacter: Int64
    /// An image. The vendor publishes no price: 0 unless configured.
    package var image: Int64
    /// An input token of a batch; nil for half of `input`.
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
        speechCharacter = 0
        image = 0
    }

    /// The price of `units` for a service of `kind`; see `PriceList.cost`.
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

    /// The highest price of an output token; 0 for services that are not billed by it.
    func highestOutputPrice(of kind: ServiceKind) -> Int64 {
        switch kind {
        case .tokens: max(output, reasoning ?? output)
        case .batch, .rerank, .transcription, .speech, .images, .free: 0
        }
    }

    /// Half a price, rounded up, so that rounding never makes a service free.
    private static func half(_ price: Int64) -> Int64 { price / 2 + price % 2 }
}
