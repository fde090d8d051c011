import OpenAIAPI
import Testing

@Suite struct APIErrorLimitsTests {
    private func reached(_ milliseconds: Int64) -> ReachedLimit {
        reached(.known(milliseconds: milliseconds, until: "2026-11-23T11:00:00Z"))
    }

    private func reached(_ wait: ReachedLimit.Wait) -> ReachedLimit {
        ReachedLimit(whose: "this key", limit: "20 requests a minute", state: "20 are used", wait: wait)
    }

    @Test(arguments: [
        (
            LimitError.rate, "rate_limit_error",
            "The limit of this key, 20 requests a minute, is reached: 20 are used. Please try again in 2s, at 2026-11-23T11:00:00Z, or ask for a higher tier."
        ),
        (
            .concurrency, "rate_limit_error",
            "The limit of this key, 20 requests a minute, is reached: 20 are used. Please try again in 2s, at 2026-11-23T11:00:00Z."
        ),
        (
            .quota, "insufficient_quota",
            "The limit of this key, 20 requests a minute, is reached: 20 are used. Please try again in 2s, at 2026-11-23T11:00:00Z, or ask for a higher tier to go on before."
        ),
        (
            .budget, "insufficient_quota",
            "The limit of this key, 20 requests a minute, is reached: 20 are used. Please try again in 2s, at 2026-11-23T11:00:00Z, or ask for a higher budget to go on before."
        ),
        (
            .upstream, "rate_limit_error",
            "The limit of this key, 20 requests a minute, is reached: 20 are used. Please try again in 2s, at 2026-11-23T11:00:00Z."
        ),
    ])
    func everyLimitHasItsTypeCodeAndMessage(error: LimitError, type: String, message: String) {
        let made = APIError.limitReached(error, reached(1500))
        #expect(made.status == 429)
        #expect(made.type == type)
        #expect(made.code == error.rawValue)
        #expect(made.message == message)
        #expect(made.param == nil)
    }

    @Test(arguments: LimitError.allCases) func theHeadersTellTheWait(error: LimitError) {
        let fields = APIError.limitReached(error, reached(1500)).headerFields.map { "\($0.name): \($0.value)" }
        #expect(fields == ["retry-after: 2", "retry-after-ms: 1500"])
    }

    @Test(arguments: LimitError.allCases) func clientsRetryAfterUpToAMinute(error: LimitError) {
        #expect(APIError.limitReached(error, reached(60_000)).shouldRetry == nil)
        #expect(APIError.limitReached(error, reached(60_001)).shouldRetry == false)
    }

    @Test(arguments: LimitError.allCases) func anUnknownWaitHasItsPause(error: LimitError) {
        let made = APIError.limitReached(error, reached(.unknown(pause: 4000)))
        #expect(made.retryAfterMilliseconds == 4000)
        #expect(made.shouldRetry == nil)
        #expect(made.message.contains("so no time is known. Please try again in 4s"))
    }

    @Test func anOverrunIsNotRetried() {
        ErrorRow(.overrun, 429, "insufficient_quota", "quota_exceeded", shouldRetry: false).check()
        #expect(APIError.overrun.retryAfterMilliseconds == nil)
        #expect(APIError.overrun.message.contains("max_tokens"))
    }
}
