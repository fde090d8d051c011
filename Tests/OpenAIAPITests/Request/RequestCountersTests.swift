import OpenAIAPI
import Testing

@Suite struct RequestCountersTests {
    @Test func anUnreadBodyHasNothing() {
        let counters = RequestCounters()
        #expect(counters.estimatedInputTokens == 0)
        #expect(counters.likelyMostInputTokens == 0)
        #expect(counters.characters == 0)
        #expect(counters.images == 0)
    }

    @Test func anUnreadBodyMayHaveATemplateOfTokens() {
        #expect(RequestCounters().mostInputTokens == 256)
    }

    @Test(
        arguments: [
            (nil, 1), (0, 1), (1, 1), (60_000, 1), (60_001, 2), (120_000, 2), (31_536_000_000, 525_600),
            (.max, 153_722_867_280_913), (-1, 1), (.min, 1),
        ] as [(Int64?, Int64)])
    func startedMinutesAreBilled(milliseconds: Int64?, minutes: Int64) {
        var counters = RequestCounters()
        counters.estimatedAudioMilliseconds = milliseconds
        #expect(counters.estimatedAudioMinutes == minutes)
    }

    @Test func textTokensAndMediaAreAddedUp() {
        var counters = RequestCounters()
        counters.bodyBytes = 10_000
        counters.mediaBytes = 9000
        counters.timedMediaBytes = 1280
        counters.repeatedBytes = 50
        counters.inputScalars = 400
        counters.inputBytes = 400
        counters.inputTokenIDs = 7
        counters.mediaParts = 2
        #expect(counters.estimatedInputTokens == 100 + 7 + 2 * 256)
        #expect(counters.likelyMostInputTokens == 500 + 25 + 10 + 2 * 256)
        #expect(counters.mostInputTokens == 1000 + 256 + 50 + 80 + 2 * 4096)
    }

    @Test func charactersAreScalars() {
        var counters = RequestCounters()
        counters.inputScalars = 3
        counters.inputBytes = 5
        #expect(counters.characters == 3)
    }

    @Test func largeBodiesDoNotOverflow() {
        var counters = RequestCounters()
        counters.bodyBytes = 1 << 42
        counters.mediaParts = 1 << 40
        #expect(counters.mostInputTokens == (1 << 42) + 256 + (1 << 52))
        counters.repeatedBytes = .max
        #expect(counters.mostInputTokens == .max)
    }
}
