import Testing

@testable import OpenAIAPI

@Suite struct LimitErrorTests {
    @Test func codesAreStable() {
        #expect(
            LimitError.allCases.map(\.rawValue) == [
                "rate_limit_exceeded", "concurrency_limit_exceeded", "quota_exceeded", "budget_exceeded",
                "upstream_limit_exceeded",
            ])
    }

    @Test func quotasAndBudgetsAreInsufficientQuota() {
        #expect(LimitError.allCases.filter { $0.type == "insufficient_quota" } == [.quota, .budget])
    }

    @Test(arguments: LimitError.allCases) func everyMessageEndsASentence(error: LimitError) {
        #expect(error.alternative.hasSuffix("."))
    }
}
