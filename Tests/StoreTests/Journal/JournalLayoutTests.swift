import Policy
import Testing

@testable import Store

@Suite struct JournalLayoutTests {
    private static let all = [JournalLayout.first, .current]

    @Test(arguments: all) func theHalvesLieBehindTheHeaderAndDoNotOverlap(layout: JournalLayout) {
        let words = max(layout.units + layout.unitCount, layout.facts + 6)
        #expect(layout.halves.first >= 4)
        #expect(layout.halves.second >= layout.halves.first + words)
        #expect(layout.identity >= (layout.halves.second + words) * 8)
    }

    @Test(arguments: all) func unitsAndFactsDoNotOverlap(layout: JournalLayout) {
        let units = layout.units..<layout.units + layout.unitCount
        let facts = layout.facts..<layout.facts + 6
        #expect(!units.overlaps(facts))
    }

    @Test(arguments: all) func theTextsFit(layout: JournalLayout) {
        let identity = [
            TextBound.keyID, layout.teamBytes, TextBound.user, TextBound.tags, TextBound.endpoint, layout.modelBytes,
            layout.modelBytes,
        ]
        let response =
            [TextBound.upstreamID, TextBound.backend] + (layout.hasCause ? [TextBound.cause, TextBound.limit] : [])
        #expect(layout.identity + identity.reduce(0) { $0 + $1 + 1 } <= layout.response)
        #expect(layout.response + response.reduce(0) { $0 + $1 + 1 } <= layout.byteCount)
        #expect(identity.max()! <= 254)
    }

    @Test func everyUnitHasAWord() {
        #expect(Unit.allCases.allSatisfy { $0.rawValue < JournalLayout.current.unitCount })
    }

    @Test(arguments: all) func slotsAreAligned(layout: JournalLayout) {
        #expect(layout.byteCount % 8 == 0)
    }

    @Test func versionsAreKnownOrNot() {
        #expect(JournalLayout(version: 1)?.byteCount == 1024)
        #expect(JournalLayout(version: 2)?.byteCount == 1536)
        #expect(JournalLayout(version: 0) == nil)
        #expect(JournalLayout(version: 3) == nil)
    }
}
