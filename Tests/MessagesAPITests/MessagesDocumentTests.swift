import ChatFixtures
import MessagesAPI
import OpenAIAPI
import Testing

/// Completions that are no streams, and errors.
@Suite struct MessagesDocumentTests {
    private func message(_ document: String, _ members: String = thinking) throws -> JSON? {
        try translated(members).response.document(Array(document.utf8), at: testTime).flatMap { JSON($0) }
    }

    private static let document = ChatStream.document(
        #"{"content":"say","reasoning_content":"think","tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{\"a\": 1.50}"}},{"id":"c2","function":{"name":"g","arguments":""}},{"id":"c3","function":{"name":"h","arguments":"no \"object\""}}]}"#,
        finish: "tool_calls")

    @Test func aCompletionIsAMessage() throws {
        let message = try message(Self.document)
        #expect(
            message
                == JSON(
                    #"""
                    {"id":"msg_0a1b","type":"message","role":"assistant","model":"served","content":[
                    {"type":"thinking","thinking":"think","signature":"cHJvcHlsb24="},{"type":"text","text":"say"},
                    {"type":"tool_use","id":"c1","name":"f","input":{"a":1.50}},{"type":"tool_use","id":"c2","name":"g","input":{}},
                    {"type":"tool_use","id":"c3","name":"h","input":{"arguments":"no \"object\""}}],
                    "stop_reason":"tool_use","stop_sequence":null,
                    "usage":{"input_tokens":6,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":7,"output_tokens_details":{"thinking_tokens":3}}}
                    """#))
    }

    @Test func numbersKeepTheirDigits() throws {
        let bytes = try #require(try translated().response.document(Array(Self.document.utf8), at: testTime))
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""input":{"a": 1.50}"#))
    }

    @Test func thinkingIsShownWhereItIsAskedFor() throws {
        #expect(try message(Self.document, "")?["content"]?[0]?["type"]?.string == "text")
    }

    @Test(arguments: [#"{"content":null}"#, #"{"content":""}"#, "{}"])
    func anEmptyMessageHasNoBlocks(_ document: String) throws {
        let message = try message(ChatStream.document(document))
        #expect(message?["content"] == JSON("[]"))
        #expect(message?["stop_reason"]?.string == "end_turn")
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"error":{"message":"m"}}"#])
    func whatIsNoCompletionIsNotTranslated(_ document: String) throws {
        #expect(try message(document) == nil)
    }

    @Test(arguments: [
        (400, "invalid_request_error"), (401, "authentication_error"), (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"), (422, "invalid_request_error"), (429, "rate_limit_error"), (500, "api_error"),
        (502, "api_error"), (503, "overloaded_error"), (504, "api_error"),
    ])
    func errorsOfTheUpstreamHaveTheirTypes(_ status: Int, _ type: String) throws {
        let body = Array(#"{"error":{"message":"m \"é\"","type":"t"}}"#.utf8)
        let error = JSON(try translated().response.errorBody(status: status, body))
        #expect(error == JSON(#"{"type":"error","error":{"type":"\#(type)","message":"m \"é\""},"request_id":"0a1b"}"#))
    }

    @Test func errorsOfTheGatewayHaveTheSameShape() {
        let error = JSON(MessagesError.body(.notFound, requestID: "r"))
        #expect(error?["error"]?["type"]?.string == "not_found_error")
        #expect(error?["error"]?["message"]?.string == APIError.notFound.message)
        #expect(error?["request_id"]?.string == "r")
    }

    /// By these details the SDKs know that they have to send whole conversations.
    @Test func aRefusedThreadHasDetails() throws {
        let refusal = JSON(MessagesError.body(.unstoredThread, requestID: "r"))?["error"]
        #expect(
            refusal?["details"]
                == JSON(#"{"error_code":"thread_unsupported_request","unsupported":["thread"]}"#))
        #expect(JSON(MessagesError.body(.notFound, requestID: "r"))?["error"]?["details"] == nil)
    }

    @Test func aContextThatIsTooLongIsSaidInTheAPIsWords() throws {
        let body = Array(#"{"error":{"message":"The maximum context length is 8192 tokens."}}"#.utf8)
        let error = JSON(try translated().response.errorBody(status: 400, body))?["error"]
        #expect(error?["type"]?.string == "invalid_request_error")
        #expect(error?["message"]?.string == "prompt is too long: The maximum context length is 8192 tokens.")
    }
}
