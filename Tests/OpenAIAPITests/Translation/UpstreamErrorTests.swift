import OpenAIAPI
import Testing

@Suite struct UpstreamErrorTests {
    private func error(_ body: String, _ status: Int = 400) -> UpstreamError {
        UpstreamError(body: Array(body.utf8), status: status)
    }

    @Test func everyFormOfAnErrorIsRead() {
        let whole = error(#"{"error":{"message":"m","type":"t","code":"c","param":"p"}}"#)
        #expect([whole.message, whole.type, whole.code] == ["m", "t", "c"])
        #expect(whole.status == 400)
        #expect(error(#"{"error":"m"}"#).message == "m")
        #expect(error(#"{"object":"error","message":"m","code":404}"#).message == "m")
        #expect(error("plain").message == "plain")
        #expect(error(#"{"error":{"message":"m","code":""}}"#).code == nil)
        #expect(error("{}").message.isEmpty == false)
    }

    @Test(arguments: [
        (#"{"error":{"message":"m","code":"context_length_exceeded"}}"#, 400, true),
        (#"{"error":{"message":"This model's maximum context length is 8192 tokens."}}"#, 400, true),
        (#"{"error":{"message":"the request exceeds the available context window"}}"#, 413, true),
        (#"{"error":{"message":"the context window is nice"}}"#, 500, false),
        (#"{"error":{"message":"context length","type":"rate_limit_error"}}"#, 400, false),
        (#"{"error":{"message":"no such model"}}"#, 400, false),
    ])
    func anOverflowOfTheContextIsTold(_ body: String, _ status: Int, _ isOverflow: Bool) {
        #expect(error(body, status).isContextOverflow == isOverflow)
    }

    @Test func aBodyInShapePassesAsItIs() {
        let body = Array(#"{ "error": {"message": "m", "param": "p"}, "id": "i" }"#.utf8)
        #expect(UpstreamError(body: body, status: 404).body(for: body) == body)
    }
}
