import Testing

@testable import OpenAIAPI

@Suite struct ResourcePathTests {
    private func text(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }

    @Test func pathsAreThoseOfTheAPI() {
        #expect(text(ResourcePath.file("file-1")) == "/v1/files/file-1")
        #expect(text(ResourcePath.content(ofFile: "file-1")) == "/v1/files/file-1/content")
        #expect(text(ResourcePath.batch("b")) == "/v1/batches/b")
        #expect(text(ResourcePath.cancel(batch: "b")) == "/v1/batches/b/cancel")
        #expect(text(ResourcePath.response("r")) == "/v1/responses/r")
        #expect(text(ResourcePath.conversation("c")) == "/v1/conversations/c")
    }

    @Test func idsAreEscaped() {
        #expect(text(ResourcePath.content(ofFile: "a/../b?c#d e")) == "/v1/files/a%2F..%2Fb%3Fc%23d%20e/content")
    }

    @Test(arguments: ["file-abc_1.2~x", "gpt:1"]) func commonIDsStayAsTheyAre(id: String) {
        #expect(text(ResourcePath.file(id)) == "/v1/files/" + id)
    }

    @Test func theRouterReadsThem() {
        for (path, method) in [
            (ResourcePath.file("a"), "DELETE"), (ResourcePath.content(ofFile: "a"), "GET"),
            (ResourcePath.response("a"), "DELETE"), (ResourcePath.conversation("a"), "DELETE"),
            (ResourcePath.batch("a"), "GET"), (ResourcePath.cancel(batch: "a"), "POST"),
        ] {
            guard case .endpoint(let endpoint, _) = route(method: Array(method.utf8).span, path: path.span) else {
                Issue.record("\(text(path)) is not routed")
                continue
            }
            #expect(endpoint.resourceKind == ResourceKind(path: path.span))
        }
    }
}
