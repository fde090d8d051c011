import Foundation
import Testing

@testable import OpenAIAPI

@Suite struct APIErrorTests {
    private static let errors: [APIError] = [
        APIError(400, "t", code: "c", param: "p", "A message."),
        APIError(429, "t", code: "c", "A \"message\".", shouldRetry: false, retryAfterMilliseconds: 1),
        APIError(405, "t", code: "c", "é 😀 \u{1}\n", allow: "GET"),
    ]

    @Test(arguments: errors) func theBodyIsOneObjectWithFourMembers(error: APIError) throws {
        let body = try #require(parsed(String(decoding: error.body(), as: UTF8.self)) as? [String: [String: Any]])
        #expect(Array(body.keys) == ["error"])
        let object = try #require(body["error"])
        #expect(Set(object.keys) == ["message", "type", "param", "code"])
        #expect(object["message"] as? String == error.message)
        #expect(object["type"] as? String == error.type)
        #expect(object["code"] as? String == error.code)
        #expect(object["param"] as? String == error.param)
        #expect(error.param != nil || object["param"] is NSNull)
    }

    @Test(arguments: errors) func anEventHasTheBodyAsItsData(error: APIError) {
        #expect(error.event() == Array("data: ".utf8) + error.body() + Array("\n\n".utf8))
    }

    @Test func theBodyIsCompactASCIIInOrder() {
        #expect(
            String(
                decoding: APIError.malformedHTTP(status: 400, code: "c", message: "a \"b\" \\ \n é 😀 \u{1}").body(),
                as: UTF8.self)
                == #"{"error":{"message":"a \"b\" \\ \n \u00e9 \ud83d\ude00 \u0001","type":"invalid_request_error","param":null,"code":"c"}}"#
        )
    }

    @Test(arguments: [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (.max, .max / 1000 + 1)] as [(Int64, Int64)])
    func secondsAreRoundedUp(milliseconds: Int64, seconds: Int64) {
        let error = APIError(503, "t", code: "c", "m", retryAfterMilliseconds: milliseconds)
        #expect(error.retryAfterSeconds == seconds)
    }

    @Test func withoutAWaitThereAreNoSeconds() {
        #expect(APIError.unknownURL.retryAfterSeconds == nil)
    }

    // MARK: Header fields

    private func fields(_ error: APIError) -> [String] {
        error.headerFields.map { "\($0.name): \($0.value)" }
    }

    @Test func anErrorMayNeedNoFields() {
        #expect(fields(APIError(400, "t", code: "c", "m")) == [])
    }

    @Test func a405NamesTheMethods() {
        #expect(fields(.methodNotAllowed(allow: "GET, HEAD")) == ["allow: GET, HEAD"])
    }

    @Test func a401NamesTheScheme() {
        #expect(fields(.missingAPIKey) == ["x-should-retry: false", "www-authenticate: Bearer"])
    }

    @Test func a429TellsTheWaitInBothUnits() {
        #expect(
            fields(APIError(429, "t", code: "c", "m", retryAfterMilliseconds: 1500))
                == ["retry-after: 2", "retry-after-ms: 1500"])
    }

    @Test func otherStatusesTellTheWaitInSeconds() {
        #expect(fields(APIError(503, "t", code: "c", "m", retryAfterMilliseconds: 1500)) == ["retry-after: 2"])
    }

    @Test func adviceAgainstARetryFollowsTheWait() {
        #expect(
            fields(APIError(429, "t", code: "c", "m", shouldRetry: false, retryAfterMilliseconds: 70_000))
                == ["retry-after: 70", "retry-after-ms: 70000", "x-should-retry: false"])
        #expect(fields(APIError(502, "t", code: "c", "m", shouldRetry: true)) == ["x-should-retry: true"])
    }

    // MARK: Names

    @Test func namesOfClientsAreCutShort() {
        let name = String(repeating: "é", count: 10_000)
        #expect(APIError.shown(name) == name.prefix(128) + "…")
    }

    @Test func namesOf128CharactersAreShownWhole() {
        let name = String(repeating: "é", count: 128)
        #expect(APIError.shown(name) == name)
    }
}
