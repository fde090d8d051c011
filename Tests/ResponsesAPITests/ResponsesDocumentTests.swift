import ChatFixtures
import OpenAIAPI
import ResponsesAPI
import Testing

/// Completions that are no streams, and errors.
@Suite struct ResponsesDocumentTests {
    private func response(_ document: String, _ members: String = "") throws -> JSON? {
        try translated(members).response.document(Array(document.utf8), at: testTime).flatMap { JSON($0) }
    }

    @Test func aCompletionIsAResponse() throws {
        let response = try response(
            ChatStream.document(
                #"{"role":"assistant","content":"say","reasoning_content":"think","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"a\":1.0}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":""}}]}"#,
                finish: "tool_calls"))
        #expect(response?["id"]?.string == "resp_0a1b")
        #expect(response?["status"]?.string == "completed")
        #expect(response?["completed_at"]?.integer == 1_700_000_007)
        #expect(response?["usage"]?["input_tokens_details"]?["cached_tokens"]?.integer == 4)
        #expect(
            response?["output"]
                == JSON(
                    #"""
                    [{"id":"rs_0a1b_0","status":"completed","type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"think"}]},
                    {"id":"msg_0a1b_1","status":"completed","type":"message","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"say"}]},
                    {"id":"fc_0a1b_2","status":"completed","type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1.0}"},
                    {"id":"fc_0a1b_3","status":"completed","type":"function_call","call_id":"c2","name":"g","arguments":"{}"}]
                    """#))
    }

    @Test func aDocumentAndAStreamAreTheSameResponse() throws {
        let stream = try ResponsesStream(
            ChatStream([ChatStream.reasoning("r"), ChatStream.content("t"), ChatStream.call(0, id: "c", "f", "{}")]))
        let document = try response(
            ChatStream.document(
                #"{"content":"t","reasoning":"r","tool_calls":[{"id":"c","function":{"name":"f","arguments":"{}"}}]}"#))
        #expect(document == stream.response)
    }

    @Test func aCompletionThatIsCutIsIncomplete() throws {
        let response = try response(ChatStream.document(#"{"content":"say"}"#, finish: "length"))
        #expect(response?["status"]?.string == "incomplete")
        #expect(response?["incomplete_details"]?["reason"]?.string == "max_output_tokens")
        #expect(response?["output"]?[0]?["status"]?.string == "incomplete")
    }

    @Test(arguments: [#"{"content":null}"#, #"{"content":""}"#, #"{"tool_calls":[]}"#, "{}"])
    func anEmptyMessageHasNoOutput(_ message: String) throws {
        #expect(try response(ChatStream.document(message))?["output"] == JSON("[]"))
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"choices":7}"#, #"{"error":{"message":"m"},"choices":[]}"#])
    func whatIsNoCompletionIsNotTranslated(_ document: String) throws {
        #expect(try response(document) == nil)
    }

    @Test(
        arguments: [
            (400, #"{"error":{"message":"m","type":"t","param":"p","code":"c"}}"#, "m", "t", "c"),
            (
                400, #"{"object":"error","message":"The maximum context length is 8 tokens","code":400}"#,
                "The maximum context length is 8 tokens", "invalid_request_error", "context_length_exceeded"
            ),
            (500, "oops", "oops", "server_error", nil),
            (502, "", "The service behind the gateway responded with status 502.", "server_error", nil),
        ] as [(Int, String, String, String, String?)])
    func errorsOfTheUpstreamHaveTheShapeOfTheAPI(
        _ status: Int, _ body: String, _ message: String, _ type: String, _ code: String?
    ) throws {
        let error = JSON(try translated().response.errorBody(status: status, Array(body.utf8)))?["error"]
        #expect(error?["message"]?.string == message)
        #expect(error?["type"]?.string == type)
        #expect(error?["code"]?.string == code)
        if body.contains("param") { #expect(error?["param"]?.string == "p") }
    }
}
