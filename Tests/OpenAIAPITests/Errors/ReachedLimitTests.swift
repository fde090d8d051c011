import Testing

@testable import OpenAIAPI

@Suite struct ReachedLimitTests {
    private func limit(wait: Int64?, freeAt: String? = nil) -> ReachedLimit {
        ReachedLimit(whose: "the team x", limit: "5 EUR a day", state: "5 EUR are used", wait: wait, freeAt: freeAt)
    }

    @Test func theFactsComeFirst() {
        #expect(limit(wait: 1).message.hasPrefix("The limit of the team x, 5 EUR a day, is reached: 5 EUR are used. "))
    }

    @Test(
        arguments: [
            (1, "1 second"), (1000, "1 second"), (1001, "2 seconds"), (60_000, "60 seconds"), (0, "0 seconds"),
            (.max, "9223372036854776 seconds"),
        ] as [(Int64, String)])
    func waitsAreInSecondsRoundedUp(wait: Int64, text: String) {
        #expect(limit(wait: wait).message.hasSuffix("Wait \(text)"))
    }

    @Test func theTimeIsNamedIfItIsKnown() {
        #expect(limit(wait: 5000, freeAt: "T").message.hasSuffix("Wait 5 seconds, until T"))
    }

    @Test func anUnknownWaitDependsOnOtherRequests() {
        #expect(limit(wait: nil, freeAt: "T").message.hasSuffix("Try again in a moment"))
        #expect(limit(wait: nil).retryAfterMilliseconds == 1000)
    }

    @Test func aKnownWaitIsTheAdvice() {
        #expect(limit(wait: 42).retryAfterMilliseconds == 42)
    }
}
