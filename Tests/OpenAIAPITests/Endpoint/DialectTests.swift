import OpenAIAPI
import Testing

@Suite struct DialectTests {
    @Test(arguments: [
        ("/v1/responses", Dialect.responses), ("/v1/responses/resp_1", .responses), ("/v1/messages", .messages),
        ("/v1/messages/batches/b", .messages), ("/v1/v1/messages", .messages), ("/openai/v1/responses/x", .responses),
    ])
    func pathsTellTheAPI(path: String, dialect: Dialect) { #expect(Dialect(path: path.utf8.span) == dialect) }

    @Test(arguments: [
        "", "/", "/v1", "/v1/", "/v1/message", "/v1/messagesx", "/v2/messages", "/V1/messages", "/v1/chat/completions",
        "/openai/deployments/m/responses", "v1/messages",
    ])
    func otherPathsTellNone(path: String) { #expect(Dialect(path: path.utf8.span) == nil) }

    @Test func endpointsBelongToTheAPIOfTheirPaths() {
        for endpoint in Endpoint.allCases {
            #expect(endpoint.dialect == Dialect(path: endpoint.path.description.utf8.span), "\(endpoint)")
            #expect(endpoint.onlyCounts == [.inputTokens, .tokenCounts].contains(endpoint))
        }
    }
}
