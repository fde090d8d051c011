/// The usage that a response states, in any of its forms.
///
/// Counts that are not stated are nil. The events of a stream state some of them each: see `update`.
package struct UpstreamUsage: Equatable, Sendable {
    /// The counts that a bill needs.
    package enum Basis: Sendable {
        /// Input and output tokens.
        case tokens
        /// Input tokens.
        case inputTokens
        /// The duration of the audio.
        case audio
    }

    /// The counts that have to be stated.
    package let basis: Basis
    /// Tokens read by the model, without those of `besideInput`.
    package var input: Int64?
    /// Tokens read from a cache or written to it, where the API counts them in addition to `input`, as Anthropic's does.
    package var besideInput: Int64?
    /// Tokens written by the model, including reasoning.
    package var output: Int64?
    /// The sum of input and output.
    package var total: Int64?
    /// The part of `output` that was reasoning.
    package var reasoning: Int64?
    /// The part of the input that was read from a cache.
    package var cached: Int64?
    /// Cohere's billed search units.
    package var searchUnits: Int64?
    /// The duration of the transcribed audio in milliseconds, rounded up.
    package var audioMilliseconds: Int64?

    /// Creates a usage without numbers.
    package init(_ basis: Basis) { self.basis = basis }

    /// Everything that the endpoint is billed by was stated. If false, do not bill from these numbers alone.
    package var isStated: Bool {
        switch basis {
        case .tokens: input != nil ? output != nil || total != nil : output != nil && total != nil
        case .inputTokens: input != nil || total != nil
        case .audio: audioMilliseconds != nil
        }
    }

    /// Nothing was stated.
    var isEmpty: Bool {
        (input ?? output ?? total) == nil && (searchUnits ?? audioMilliseconds) == nil
            && (besideInput ?? reasoning ?? cached) == nil
    }

    /// All tokens read by the model. One of input, output and total follows from the others.
    package var promptTokens: Int64 {
        guard let input else { return max(0, (total ?? 0) - (basis == .inputTokens ? 0 : output ?? total ?? 0)) }
        return input + (besideInput ?? 0)
    }

    /// Tokens written by the model, including reasoning.
    package var completionTokens: Int64 {
        if basis == .inputTokens { return 0 }
        return output ?? input.flatMap { input in total.map { max(0, $0 - input) } } ?? 0
    }

    /// The part of `completionTokens` that was reasoning.
    package var reasoningTokens: Int64 { reasoning ?? 0 }

    /// The part of `promptTokens` that was read from a cache.
    package var cachedTokens: Int64 { cached ?? 0 }

    /// Takes the counts that a later event states. The last statement of each count holds: all known APIs state totals, and
    /// Anthropic's states input in the first event and output in the last.
    mutating func update(with later: UpstreamUsage) {
        input = later.input ?? input
        besideInput = later.besideInput ?? besideInput
        output = later.output ?? output
        total = later.total ?? total
        reasoning = later.reasoning ?? reasoning
        cached = later.cached ?? cached
        searchUnits = later.searchUnits ?? searchUnits
        audioMilliseconds = later.audioMilliseconds ?? audioMilliseconds
    }

    /// The largest number that is accepted. Larger, negative and fractional numbers are treated as not stated.
    static let limit: Int64 = 1 << 40
}
