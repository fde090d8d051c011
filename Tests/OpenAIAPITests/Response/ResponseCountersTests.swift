import Testing

@testable import OpenAIAPI

@Suite struct ResponseCountersTests {
    @Test func anUnreadResponseHasNothing() {
        #expect(ResponseCounters().estimatedOutputTokens == 0)
        #expect(ResponseCounters().usage == nil)
        #expect(ResponseCounters().images == 0)
    }

    @Test func shortDeltasAreTokens() {
        var counters = ResponseCounters()
        for _ in 0..<10 { counters.addDelta(scalars: 5, utf8Bytes: 5) }
        #expect(counters.estimatedOutputTokens == 10)
    }

    @Test func longDeltasHaveSeveralTokens() {
        var counters = ResponseCounters()
        for _ in 0..<10 { counters.addDelta(scalars: 40, utf8Bytes: 40) }
        #expect(counters.estimatedOutputTokens == 100)
    }

    @Test(arguments: [(9, 1), (10, 3)] as [(Int, Int64)]) func nineBytesAreAToken(bytes: Int, tokens: Int64) {
        var counters = ResponseCounters()
        counters.addDelta(scalars: bytes, utf8Bytes: bytes)
        #expect(counters.estimatedOutputTokens == tokens)
    }

    @Test func emptyDeltasAreNone() {
        var counters = ResponseCounters()
        counters.addDelta(scalars: 0, utf8Bytes: 0)
        #expect(counters.contentDeltas == 0)
        #expect(counters.estimatedOutputTokens == 0)
    }

    @Test func documentsAreCountedByCharacters() {
        var counters = ResponseCounters()
        counters.contentScalars = 400
        counters.contentBytes = 400
        #expect(counters.estimatedOutputTokens == 100)
    }
}
