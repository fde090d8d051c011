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

    @Test(arguments: [
        "", "/v1", "/v1/file", "/v1/filesystem", "/v1/batchesx/a", "/v1/models", "/v1/x/files", "/v1/Files",
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
