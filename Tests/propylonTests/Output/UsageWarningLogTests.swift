import Policy
import Testing

@testable import propylon

@Suite struct UsageWarningLogTests {
    private let log = LogRecorder()

    @Test func aModelWithoutPriceIsReportedOnce() {
        let warnings = UsageWarningLog(log.logger)
        for model in ["mine", "mine", "other\n", "mine"] {
            warnings.hasNoPrice(MissingPrice(model: model, kind: .tokens, isFree: false))
        }
        #expect(log.messages.count == 2)
        // The handler of the log quotes, so that a name is quoted once.
        #expect(log.messages.last?.hasSuffix("model=other\n") == true)
    }

    @Test func anEndpointWithUnknownUnitsIsReportedOnce() {
        let warnings = UsageWarningLog(log.logger)
        for endpoint in ["other", "other", "rerank", "other"] { warnings.hasUnreadUsage(endpoint) }
        #expect(log.messages.count == 2)
        #expect(log.messages.last?.contains("rerank") == true)
    }

    @Test func reportsOfModelsAreBounded() {
        let warnings = UsageWarningLog(log.logger)
        for number in 0..<1000 {
            warnings.hasNoPrice(MissingPrice(model: "model-\(number)", kind: .speech, isFree: true))
        }
        #expect(log.messages.count == 256)
    }
}
