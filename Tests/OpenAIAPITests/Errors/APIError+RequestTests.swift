import OpenAIAPI
import Testing

@Suite struct APIErrorRequestTests {
    private static let family = "invalid_request_error"

    @Test(arguments: [
        ErrorRow(
            .malformedHTTP(status: 431, code: "headers_too_large", message: "Broken."), 431, family, "headers_too_large"
        ),
        ErrorRow(.invalidJSON("Invalid JSON at byte 3."), 400, family, "invalid_json"),
        ErrorRow(.invalidMultipart("Broken."), 400, family, "invalid_multipart"),
        ErrorRow(.duplicateMember("model"), 400, family, "duplicate_member", param: "model"),
        ErrorRow(.missingModel, 400, family, "missing_model", param: "model"),
        ErrorRow(.invalidModel, 400, family, "invalid_model", param: "model"),
        ErrorRow(.invalidValue("n", "an integer"), 400, family, "invalid_value", param: "n"),
        ErrorRow(
            .maxTokensExceeded(asked: "9 tokens", limit: "8 tokens a request", whose: "this key"), 400, family,
            "max_tokens_exceeded", param: "max_tokens"),
        ErrorRow(.invalidBatchInput("Line 2: no."), 400, family, "invalid_batch_input", param: "input_file_id"),
        ErrorRow(
            .otherEndpointInBatch(lines: "/v1/a", batch: "/v1/b"), 400, family, "invalid_batch_input",
            param: "input_file_id"),
        ErrorRow(.aliasInBatch("a", served: "b"), 400, family, "invalid_batch_input", param: "input_file_id"),
        ErrorRow(.unknownURL, 404, family, "unknown_url"),
        ErrorRow(.notFound, 404, family, "not_found"),
        ErrorRow(.methodNotAllowed(allow: "GET, HEAD"), 405, family, "method_not_allowed"),
        ErrorRow(.requestTimeout, 408, family, "request_timeout"),
        ErrorRow(.requestTooLarge(limit: 5), 413, family, "request_too_large"),
    ])
    func everyErrorHasItsStatusTypeAndCode(row: ErrorRow) { row.check() }

    @Test func theMessageNamesWhatIsWrong() {
        #expect(APIError.invalidValue("n", "an integer").message.contains("'n': must be an integer."))
        #expect(APIError.requestTooLarge(limit: 4096).message.contains("4096 bytes"))
        #expect(APIError.methodNotAllowed(allow: "GET, HEAD").message.contains("GET, HEAD"))
    }

    @Test func tooManyTokensAreToldWithTheirLimit() {
        let error = APIError.maxTokensExceeded(asked: "9 tokens", limit: "8 tokens a request", whose: "this key")
        #expect(error.message.contains("up to 9 tokens, more than this key ever has: 8 tokens a request."))
    }

    @Test func theParameterOfTheBoundMayHaveAnotherName() {
        let error = APIError.maxTokensExceeded(
            asked: "9", limit: "8", whose: "this key", parameter: "max_output_tokens")
        #expect(error.param == "max_output_tokens")
        #expect(error.message.contains("Lower 'max_output_tokens'"))
    }

    @Test func membersOfAnyLengthAreNamed() {
        #expect(APIError.duplicateMember(String(repeating: "m", count: 500)).message.count < 400)
    }
}
