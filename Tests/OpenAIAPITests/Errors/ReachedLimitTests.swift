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
            (1, "1ms"), (999, "999ms"), (1000, "1s"), (1001, "2s"), (60_000, "60s"), (0, "0ms"),
            (.max, "9223372036854776s"),
        ] as [(Int64, String)])
    func waitsAreInMillisecondsOrInSecondsRoundedUp(wait: Int64, text: String) {
        #expect(
            limit(.known(milliseconds: wait, until: "T")).message(", or else.").hasSuffix(
                "Please try again in \(text), at T, or else."))
        #expect(limit(.unknown(pause: wait)).message(", or else.").hasSuffix("Please try again in \(text), or else."))
    }

    @Test(arguments: [nil, "max_tokens"] as [String?]) func aRequestThatNeedsMoreLearnsWhatIsLeft(remedy: String?) {
        var limit = limit(.known(milliseconds: 5000, until: "T"))
        limit.lack = ReachedLimit.Lack(most: "0.7 EUR", left: "0.5 EUR", remedy: remedy)
        #expect(
            limit.message(".")
                == "The limit of the team x, 5 EUR a day, leaves no room for this request: it could take up to 0.7 EUR, and "
                + "0.5 EUR are left (5 EUR are used). \(remedy == nil ? "" : "A smaller 'max_tokens' may fit. ")"
                + "Please try again in 5s, at T.")
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
