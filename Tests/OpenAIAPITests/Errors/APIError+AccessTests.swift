import OpenAIAPI
import Testing

@Suite struct APIErrorAccessTests {
    private static let authentication = "authentication_error"
    private static let permission = "permission_error"

    @Test(arguments: [
        ErrorRow(.missingAPIKey, 401, authentication, "invalid_api_key", shouldRetry: false),
        ErrorRow(.invalidAPIKey, 401, authentication, "invalid_api_key", shouldRetry: false),
        ErrorRow(.keyExpired, 401, authentication, "api_key_expired", shouldRetry: false),
        ErrorRow(.keySuspended, 401, authentication, "api_key_suspended", shouldRetry: false),
        ErrorRow(.keyRevoked, 401, authentication, "api_key_revoked", shouldRetry: false),
        ErrorRow(.modelNotAllowed("m"), 403, permission, "model_not_allowed", shouldRetry: false, param: "model"),
        ErrorRow(.modelNotNamed, 403, permission, "model_not_allowed", shouldRetry: false, param: "model"),
        ErrorRow(.endpointNotAllowed("audio/speech"), 403, permission, "endpoint_not_allowed", shouldRetry: false),
        ErrorRow(.tierUnknown("gone"), 403, permission, "tier_unknown", shouldRetry: false),
        ErrorRow(.requestCancelled, 403, permission, "request_cancelled", shouldRetry: false),
    ])
    func everyErrorHasItsStatusTypeAndCode(row: ErrorRow) { row.check() }

    @Test func theMissingKeyIsToldFromAnUnknownOne() {
        #expect(APIError.missingAPIKey.message != APIError.invalidAPIKey.message)
    }

    @Test func namesAreInTheMessage() {
        #expect(APIError.modelNotAllowed("a/b:1").message.contains("'a/b:1'"))
        #expect(APIError.endpointNotAllowed("audio/speech").message.contains("'audio/speech'"))
    }

    @Test func longNamesAreCut() {
        let name = String(repeating: "é", count: 10_000)
        #expect(APIError.modelNotAllowed(name).message.contains("'" + name.prefix(128) + "…'"))
        #expect(APIError.endpointNotAllowed(name).message.count < 300)
    }
}
