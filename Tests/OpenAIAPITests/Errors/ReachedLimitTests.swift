import Testing

@testable import OpenAIAPI

@Suite struct ReachedLimitTests {
    private func limit(_ wait: ReachedLimit.Wait) -> ReachedLimit {
        ReachedLimit(whose: "the team x", limit: "5 EUR a day", state: "5 EUR are used", wait: wait)
    }

    @Test func theFactsComeFirst() {
        #expect(
            limit(.unknown(pause: 1)).message(", or else.").hasPrefix(
                "The limit of the team x, 5 EUR a day, is reached: 5 EUR are used. "))
    }

    @Test(
        arguments: [
            (1, "1 second"), (1000, "1 second"), (1001, "2 seconds"), (60_000, "60 seconds"), (0, "0 seconds"),
            (.max, "9223372036854776 seconds"),
        ] as [(Int64, String)])
    func waitsAreInSecondsRoundedUp(wait: Int64, text: String) {
        #expect(
            limit(.known(milliseconds: wait, until: "T")).message(", or else.").hasSuffix(
                "Wait \(text), until T, or else."))
        #expect(limit(.unknown(pause: wait)).message(", or else.").hasSuffix("Try again in \(text), or else."))
    }

    @Test func anUnknownWaitIsCalledSo() {
        #expect(limit(.unknown(pause: 5000)).message(", or else.").contains("no time is known"))
        #expect(!limit(.known(milliseconds: 5000, until: "T")).message(", or else.").contains("no time is known"))
    }

    @Test func theWaitIsTheAdvice() {
        #expect(limit(.known(milliseconds: 42, until: "T")).retryAfterMilliseconds == 42)
        #expect(limit(.unknown(pause: 2000)).retryAfterMilliseconds == 2000)
    }

    @Test func whatNeverRefillsHasNoWait() {
        #expect(limit(.never).retryAfterMilliseconds == nil)
        #expect(
            limit(.never).message(", or else.").hasSuffix(
                "It does not refill: ask for a higher one, or try a smaller request."))
    }
}
