/// The amounts that a request used, by unit. Units that do not apply are 0.
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
