import Testing

@testable import OpenAIAPI

@Suite struct ResourceKindTests {
    private func kind(_ path: String) -> ResourceKind? { ResourceKind(path: Array(path.utf8).span) }

    @Test(arguments: ["/v1/files", "/v1/files/", "/v1/files/a", "/v1/files/a/content", "/v1/files/a/b/c"])
    func pathsOfFiles(path: String) {
        #expect(kind(path) == .file)
    }

    @Test(arguments: ["/v1/batches", "/v1/batches/a", "/v1/batches/a/cancel"]) func pathsOfBatches(path: String) {
        #expect(kind(path) == .batch)
    }

    @Test(arguments: ["/v1/responses", "/v1/responses/r", "/v1/responses/r/cancel", "/v1/responses/r/x/y"])
    func pathsOfResponses(path: String) { #expect(kind(path) == .response) }

    @Test(arguments: ["/v1/conversations", "/v1/conversations/c/items/i"]) func pathsOfConversations(path: String) {
        #expect(kind(path) == .conversation)
    }

    @Test(arguments: [
        "", "/v1", "/v1/file", "/v1/filesystem", "/v1/batchesx/a", "/v1/models", "/v1/x/files", "/v1/Files",
        "/v1/responsesx", "/v1/conversation",
    ])
    func otherPaths(path: String) {
        #expect(kind(path) == nil)
    }

    @Test func everyKindHasOneEndpoint() {
        for kind in ResourceKind.allCases {
            #expect(Endpoint.allCases.filter { $0.resourceKind == kind }.count == 1)
        }
    }
}
