import Clocks
import OpenAIAPI
import Testing

@testable import Gateway
@testable import Policy

/// The message and the head of every 429 of a limit.
@Suite struct LimitRefusalErrorTests {
    /// 2026-11-23T10:00:00Z.
    private let now = Timestamp(seconds: 1_795_428_000)
    private let paris = ZoneOffsets(periods: [.init(start: 0, offset: 3600)])

    private func error(
        _ kind: LimitKind, _ remedy: LimitRefusal.Remedy, scope: LimitScope = .key, part: LimitPart? = nil,
        reserved: Int64 = 0,
        fitsWithLess: Bool = false, endpoint: Endpoint = .chatCompletions
    ) -> APIError {
        APIError(
            LimitRefusal(
                scope: scope, part: part, kind: kind, limit: 100, used: 90, reserved: reserved, asked: 20,
                remedy: remedy,
                fitsWithLessOutput: fitsWithLess), endpoint, at: now, in: paris)
    }

    @Test(arguments: LimitKind.allCases) func everyKindHasItsCode(kind: LimitKind) {
        let error = error(kind, .wait(microseconds: 5_000_000))
        let code =
            switch kind.family {
            case .rate: "rate_limit_exceeded"
            case .quota: "quota_exceeded"
            case .budget: "budget_exceeded"
            case .concurrency: "concurrency_limit_exceeded"
            }
        #expect(error.status == 429)
        #expect(error.code == code)
        #expect(error.retryAfterMilliseconds == 5000)
        #expect(error.message.contains(kind.text(100)))
    }

    @Test(arguments: LimitKind.allCases) func theAccountsLimitIsTheUpstreams(kind: LimitKind) {
        #expect(error(kind, .unknown(pause: 1), scope: .account).code == "upstream_limit_exceeded")
    }

    @Test(arguments: LimitKind.allCases) func moreThanTheWholeLimitIsNoQuestionOfTime(kind: LimitKind) {
        let error = error(kind, .askForLess)
        #expect(error.status == 400)
        #expect(error.code == "max_tokens_exceeded")
    }

    /// A client that waits for a prepaid budget would wait for ever.
    @Test func whatDoesNotRefillHasNoWait() {
        let error = error(.budgetInTotal, .raiseLimit)
        #expect(error.status == 429)
        #expect(error.code == "budget_exceeded")
        #expect(error.retryAfterMilliseconds == nil)
        #expect(error.shouldRetry == false)
        #expect(error.message.hasSuffix("It does not refill: ask for a higher one, or try a smaller request."))
    }

    @Test func theMessageNamesOwnerUseAndMoment() {
        let error = error(.outputTokensPerHour, .wait(microseconds: 1_800_000_000), scope: .team("red"), reserved: 7)
        #expect(error.message.contains("the team red"))
        #expect(error.message.contains("90 output tokens are used"))
        #expect(error.message.contains("7 output tokens"))
        #expect(error.message.contains("at 2026-11-23T11:30:00+01:00"))
        #expect(error.shouldRetry == false)
    }

    @Test(
        arguments: [
            (.key, .model("gpt-oss:*"), "of this key for the model gpt-oss:*,"),
            (.team("red"), .user("ada"), "of the team red for the user ada,"),
            (.key, .user(""), "of this key for requests without a user,"),
        ] as [(LimitScope, LimitPart, String)])
    func theMessageNamesThePart(scope: LimitScope, part: LimitPart, words: String) {
        let error = error(.requestsPerDay, .wait(microseconds: 1), scope: scope, part: part)
        #expect(error.message.contains(words), "\(error.message)")
        #expect(error.code == "quota_exceeded")
    }

    @Test(
        arguments: [
            (.chatCompletions, "max_completion_tokens"), (.completions, "max_tokens"),
            (.responses, "max_output_tokens"),
        ] as [(Endpoint, String)])
    func aSmallerBoundIsAdvisedWhereItHelps(endpoint: Endpoint, member: String) {
        let wait = LimitRefusal.Remedy.wait(microseconds: 1)
        let fitting = error(.tokensPerDay, wait, reserved: 3, fitsWithLess: true, endpoint: endpoint).message
        #expect(fitting.contains("it could take up to 20 tokens, and 7 tokens are left (90 tokens are used, 3 tokens"))
        #expect(fitting.contains("A smaller '\(member)' may fit."))
        #expect(!error(.tokensPerDay, wait, endpoint: endpoint).message.contains("may fit"))
    }

    @Test func whatIsFullIsReached() {
        let wait = LimitRefusal.Remedy.wait(microseconds: 1)
        #expect(error(.budgetPerDay, wait, reserved: 10).message.contains("is reached: "))
        #expect(error(.requestsPerDay, wait).message.contains("is reached: "))
    }

    @Test func anUnknownWaitIsToldWithItsPause() {
        let error = error(.concurrentRequests, .unknown(pause: 4_000_001))
        #expect(error.retryAfterMilliseconds == 4001)
        #expect(error.message.contains("so no time is known. Please try again in 5s"))
        #expect(error.shouldRetry == nil)
    }

    @Test func aShortWaitMayBeRetried() {
        #expect(error(.requestsPerMinute, .wait(microseconds: 1)).shouldRetry == nil)
        #expect(error(.requestsPerMinute, .wait(microseconds: 1)).retryAfterMilliseconds == 1)
    }
}
