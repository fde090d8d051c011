import Foundation
import OpenAIAPI
import Testing

@Suite struct APIErrorTests {
    /// The table of INTERFACE.md, row by row.
    static let table: [(APIError, Int, String, String)] = [
        (
            .malformedHTTP(status: 400, code: "invalid_chunk", message: "Broken."), 400, "invalid_request_error",
            "invalid_chunk"
        ),
        (.invalidJSON("Invalid JSON at byte 3."), 400, "invalid_request_error", "invalid_json"),
        (.invalidMultipart("Broken."), 400, "invalid_request_error", "invalid_multipart"),
        (.duplicateMember("model"), 400, "invalid_request_error", "duplicate_member"),
        (.missingModel, 400, "invalid_request_error", "missing_model"),
        (.invalidModel, 400, "invalid_request_error", "invalid_model"),
        (.invalidValue("n", "an integer"), 400, "invalid_request_error", "invalid_value"),
        (
            .maxTokensExceeded(asked: "9 tokens", limit: "8 tokens a request", whose: "this key"), 400,
            "invalid_request_error", "max_tokens_exceeded"
        ),
        (.missingAPIKey, 401, "authentication_error", "invalid_api_key"),
        (.invalidAPIKey, 401, "authentication_error", "invalid_api_key"),
        (.keyExpired, 401, "authentication_error", "api_key_expired"),
        (.keyRevoked, 401, "authentication_error", "api_key_revoked"),
        (.modelNotAllowed("m"), 403, "permission_error", "model_not_allowed"),
        (.endpointNotAllowed("audio/speech"), 403, "permission_error", "endpoint_not_allowed"),
        (.unknownURL, 404, "invalid_request_error", "unknown_url"),
        (.notFound, 404, "invalid_request_error", "not_found"),
        (.methodNotAllowed(allow: "GET, HEAD"), 405, "invalid_request_error", "method_not_allowed"),
        (.requestTimeout, 408, "invalid_request_error", "request_timeout"),
        (.requestTooLarge(limit: 5), 413, "invalid_request_error", "request_too_large"),
        (.headersTooLarge, 431, "invalid_request_error", "headers_too_large"),
        (.rateLimitExceeded(.reached(1500)), 429, "rate_limit_error", "rate_limit_exceeded"),
        (.concurrencyLimitExceeded(.reached(nil)), 429, "rate_limit_error", "concurrency_limit_exceeded"),
        (.quotaExceeded(.reached(70_000)), 429, "insufficient_quota", "quota_exceeded"),
        (.budgetExceeded(.reached(70_000)), 429, "insufficient_quota", "budget_exceeded"),
        (.upstreamLimitExceeded(.reached(2000)), 429, "rate_limit_error", "upstream_limit_exceeded"),
        (.overloaded, 503, "service_unavailable_error", "overloaded"),
        (.tooManyConnections, 503, "service_unavailable_error", "overloaded"),
        (.draining, 503, "service_unavailable_error", "draining"),
        (.storeUnavailable, 503, "service_unavailable_error", "store_unavailable"),
        (.upstreamUnreachable, 502, "upstream_error", "upstream_unreachable"),
        (.upstreamTLS, 502, "upstream_error", "upstream_tls"),
        (.upstreamProtocol, 502, "upstream_error", "upstream_protocol"),
        (.upstreamAuth, 502, "upstream_error", "upstream_auth"),
        (.upstreamTimeout, 504, "upstream_error", "upstream_timeout"),
        (.upstreamInterrupted, 502, "upstream_error", "upstream_interrupted"),
    ]

    @Test func everyRowOfTheTable() throws {
        for (error, status, type, code) in Self.table {
            #expect(error.status == status)
            #expect(error.type == type)
            #expect(error.code == code)
            #expect(error.message.count > 5)
            let body = try #require(parsed(String(decoding: error.body(), as: UTF8.self)) as? [String: [String: Any]])
            #expect(Array(body.keys) == ["error"])
            let object = try #require(body["error"])
            #expect(Set(object.keys) == ["message", "type", "param", "code"])
            #expect(object["message"] as? String == error.message)
            #expect(object["type"] as? String == type)
            #expect(object["code"] as? String == code)
            #expect(object["param"] as? String == error.param)
            #expect(error.param != nil || object["param"] is NSNull)
            #expect(error.event() == Array("data: ".utf8) + error.body() + Array("\n\n".utf8))
        }
    }

    @Test func theBodyIsCompactAndInOrder() {
        #expect(
            String(
                decoding: APIError.malformedHTTP(status: 400, code: "c", message: "a \"b\" \\ \n é 😀 \u{1}").body(),
                as: UTF8.self)
                == #"{"error":{"message":"a \"b\" \\ \n \u00e9 \ud83d\ude00 \u0001","type":"invalid_request_error","param":null,"code":"c"}}"#
        )
    }

    @Test func waitingIsSaidInSecondsRoundedUp() {
        #expect(APIError.rateLimitExceeded(.reached(1)).retryAfterSeconds == 1)
        #expect(APIError.rateLimitExceeded(.reached(1000)).retryAfterSeconds == 1)
        #expect(APIError.rateLimitExceeded(.reached(1001)).retryAfterSeconds == 2)
        #expect(APIError.rateLimitExceeded(.reached(1001)).retryAfterMilliseconds == 1001)
        #expect(APIError.unknownURL.retryAfterSeconds == nil)
        for (error, status, _, _) in Self.table where status == 503 || status == 429 {
            #expect((error.retryAfterSeconds ?? 0) > 0)
        }
    }

    @Test func clientsAreToldWhereWaitingCannotHelp() {
        #expect(APIError.quotaExceeded(.reached(60_000)).shouldRetry == nil)
        #expect(APIError.quotaExceeded(.reached(60_001)).shouldRetry == false)
        #expect(APIError.rateLimitExceeded(.reached(61_000)).shouldRetry == false)
        for error in [APIError.keyExpired, .keyRevoked, .upstreamAuth, .upstreamTLS] {
            #expect(error.shouldRetry == false)
        }
        for error in [APIError.overloaded, .upstreamUnreachable, .upstreamTimeout] { #expect(error.shouldRetry == nil) }
    }

    @Test func namesOfCallersAreCutShort() {
        let name = String(repeating: "é", count: 10_000)
        let error = APIError.modelNotAllowed(name)
        #expect(error.message.contains(String(name.prefix(128)) + "…"))
        #expect(!error.message.contains(name.prefix(129)))
        #expect(APIError.modelNotAllowed(String(name.prefix(128))).message.contains("'" + name.prefix(128) + "'"))
    }
}

extension APIError.ReachedLimit {
    fileprivate static func reached(_ wait: Int64?) -> Self {
        Self(
            whose: "this key", limit: "20 requests a minute", state: "20 are used", wait: wait,
            freeAt: "2026-11-23T11:00:00Z")
    }
}
