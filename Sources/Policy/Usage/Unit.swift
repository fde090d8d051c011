/// A unit of usage. All code that stores, adds up or shows usage loops over the cases.
///
/// The raw value is the place in `BillableUnits` and in the journal; the order is that of the ledger's columns. Append new
/// units at the end.
package enum Unit: Int, CaseIterable, Sendable {
    /// Tokens read by the model (`prompt_tokens`); for rerank, the tokens of the query and of every document.
    case inputTokens
    /// Tokens written by the model (`completion_tokens`), the reasoning tokens among them.
    case outputTokens
    /// The reasoning tokens among `outputTokens`.
    case reasoningTokens
    /// The tokens among `inputTokens` that the upstream read from a cache.
    case cachedTokens
    /// Started minutes of transcribed audio.
    case audioMinutes
    /// Characters (Unicode scalars) of text for speech.
    case characters
    /// Generated images.
    case images
    /// Cohere's billed search units.
    case searchUnits

    /// The number of cases.
    package static let count = 8

    /// The column of the ledger.
    package var column: String {
        switch self {
        case .inputTokens: "input_tokens"
        case .outputTokens: "output_tokens"
        case .reasoningTokens: "reasoning_tokens"
        case .cachedTokens: "cached_tokens"
        case .audioMinutes: "audio_minutes"
        case .characters: "characters"
        case .images: "images"
        case .searchUnits: "search_units"
        }
    }

    /// The member of reports and of the access log, in OpenAI's words.
    package var member: String {
        switch self {
        case .inputTokens: "prompt_tokens"
        case .outputTokens: "completion_tokens"
        default: column
        }
    }
}
