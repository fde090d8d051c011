import Policy
import Testing

@Suite struct BillableUnitsTests {
    @Test(arguments: Policy.Unit.allCases)
    func everyUnitHasItsPlace(unit: Policy.Unit) {
        var units = BillableUnits()
        units[unit] = 7
        for other in Unit.allCases { #expect(units[other] == (other == unit ? 7 : 0)) }
    }

    @Test(arguments: Policy.Unit.allCases)
    func unitsDifferWhereOneAmountDoes(unit: Policy.Unit) {
        var units = BillableUnits()
        #expect(units == BillableUnits())
        units[unit] = 1
        #expect(units != BillableUnits())
        #expect(Set([units, BillableUnits(), units]).count == 2)
    }

    @Test func membersAreTheirUnits() {
        var units = BillableUnits()
        for unit in Unit.allCases { units[unit] = Int64(unit.rawValue) + 1 }
        #expect(
            [
                units.inputTokens, units.outputTokens, units.reasoningTokens, units.cachedTokens, units.audioMinutes,
                units.characters, units.images, units.searchUnits,
            ] == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    @Test func setMembersAreTheirUnits() {
        var units = BillableUnits()
        units.inputTokens = 1
        units.outputTokens = 2
        units.reasoningTokens = 3
        units.cachedTokens = 4
        units.audioMinutes = 5
        units.characters = 6
        units.images = 7
        units.searchUnits = 8
        #expect(Unit.allCases.map { units[$0] } == [1, 2, 3, 4, 5, 6, 7, 8])
    }

    /// The journal and the ledger depend on both.
    @Test func namesAndPlacesStay() {
        #expect(Unit.allCases.map(\.rawValue) == Array(0..<Unit.count))
        #expect(
            Unit.allCases.map(\.column) == [
                "input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "audio_minutes", "characters",
                "images", "search_units",
            ])
        #expect(Unit.inputTokens.member == "prompt_tokens")
        #expect(Unit.outputTokens.member == "completion_tokens")
        #expect(Unit.allCases.dropFirst(2).allSatisfy { $0.member == $0.column })
    }
}
