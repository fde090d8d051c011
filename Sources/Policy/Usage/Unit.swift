/// A unit that usage is counted in. Every place that stores, adds up or shows usage loops over the cases.
///
/// The raw value is the place in `BillableUnits` and in the journal; the order is that of the ledger's columns. Append new
/// units at the end.
package enum Unit: Int, CaseIterable, Sendable {
    /// Tokens read by the model (`prompt_tokens`); for rerank, the tokens of the query and of every document.
    case inputTokens
    /// Tokens written by the model (`completion_tokens`), the reasoning tokens among them.
    case outputTokens
    /// Those of `outputTokens` that were reasoning.
    case reasoningTokens
    /// Those of `inputTokens` that were read from a cache.
    case cachedTokens
    /// Started minutes of transcribed audio.
    case audioMinutes
    /// Characters (Unicode scalars) turned into speech.
    case characters
    /// Images made.
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

/// The amounts that a request used, by unit. Units that do not apply are zero.
package struct BillableUnits: Sendable {
    /// The amounts, each at the raw value of its unit. Hot paths loop over them.
    package private(set) var amounts = InlineArray<8, Int64>(repeating: 0)

    /// Nothing used.
    package init() {}

    /// The amount of `unit`.
    package subscript(unit: Unit) -> Int64 {
        get { amounts[unit.rawValue] }
        set { amounts[unit.rawValue] = newValue }
    }

    package var inputTokens: Int64 {
        get { self[.inputTokens] }
        set { self[.inputTokens] = newValue }
    }
    package var outputTokens: Int64 {
        get { self[.outputTokens] }
        set { self[.outputTokens] = newValue }
    }
    package var reasoningTokens: Int64 {
        get { self[.reasoningTokens] }
        set { self[.reasoningTokens] = newValue }
    }
    package var cachedTokens: Int64 {
        get { self[.cachedTokens] }
        set { self[.cachedTokens] = newValue }
    }
    package var audioMinutes: Int64 {
        get { self[.audioMinutes] }
        set { self[.audioMinutes] = newValue }
    }
    package var characters: Int64 {
        get { self[.characters] }
        set { self[.characters] = newValue }
    }
    package var images: Int64 {
        get { self[.images] }
        set { self[.images] = newValue }
    }
    package var searchUnits: Int64 {
        get { self[.searchUnits] }
        set { self[.searchUnits] = newValue }
    }
}

extension BillableUnits: Hashable {
    package static func == (left: BillableUnits, right: BillableUnits) -> Bool {
        Unit.allCases.allSatisfy { left[$0] == right[$0] }
    }

    package func hash(into hasher: inout Hasher) {
        for unit in Unit.allCases { hasher.combine(self[unit]) }
    }
}
