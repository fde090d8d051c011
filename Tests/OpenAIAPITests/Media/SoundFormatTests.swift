import Testing

@testable import OpenAIAPI

@Suite struct SoundFormatTests {
    @Test(
        arguments: [
            (0, 1000, 0), (1, 1000, 1), (1, 1001, 1), (2001, 1000, 2001), (3, 2000, 2), (1, .max, 1),
            (.max, 1, 31_536_000_000),
            (.max, .max, 1000), (-5, 1000, 0), (5, 0, 0), (5, -1, 0),
        ] as [(Int64, Int64, Int64)])
    func durationsAreRoundedUpToAYearAtMost(count: Int64, rate: Int64, milliseconds: Int64) {
        #expect(SoundDuration.milliseconds(count, each: rate) == milliseconds)
    }
}
