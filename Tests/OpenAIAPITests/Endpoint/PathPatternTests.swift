import Testing

@testable import OpenAIAPI

@Suite struct PathPatternTests {
    private func pattern(_ text: StaticString) -> PathPattern {
        PathPattern(EndpointPath(text, .any), of: .other)
    }

    private func matches(_ text: StaticString, _ path: String) -> Bool {
        pattern(text).matches(path.split(separator: "/", omittingEmptySubsequences: false).map(String.init))
    }

    @Test(
        arguments: [
            ("/v1/files/{id}", "files/a", true), ("/v1/files/{id}", "files", false),
            ("/v1/files/{id}", "files/a/b", false),
            ("/v1/files/{id}", "batches/a", false), ("/v1/files/{id}/content", "files/a/content", true),
            ("/v1/files/{id}/content", "files/a/contents", false), ("/v1/files/{id}/content", "files/content", false),
            ("/v1/files/{id}/content", "files/a/content/b", false), ("/v1/realtime/{rest}", "realtime/a", true),
            ("/v1/realtime/{rest}", "realtime/a/b/c", true), ("/v1/realtime/{rest}", "realtime", false),
            ("/v1/models/{model}", "models/a/b", true), ("/v1/{rest}", "a", true), ("/v1/{rest}", "a//b/", true),
            ("/v1/files/{id}", "Files/a", false),
        ] as [(StaticString, String, Bool)])
    func segmentsAreCompared(text: StaticString, path: String, isMatch: Bool) {
        #expect(matches(text, path) == isMatch)
    }

    @Test func theFirstSegmentMakesAPathOfAnEndpoint() {
        #expect(pattern("/v1/files/{id}").firstLiteral == "files")
        #expect(pattern("/v1/{rest}").firstLiteral == nil)
    }

    @Test func aModelsIDBeginsAfterThePrefix() {
        #expect(pattern("/v1/models/{model}").modelPrefix == Array("/v1/models/".utf8))
        #expect(pattern("/v1/files/{id}").modelPrefix == nil)
        #expect(pattern("/v1/realtime/{rest}").modelPrefix == nil)
    }

    @Test func methodsAreThoseOfThePath() {
        #expect(PathPattern(EndpointPath("/v1/a/{id}", .post), of: .batches).methods == .post)
        #expect(PathPattern(EndpointPath("/v1/a/{id}", .post), of: .batches).endpoint == .batches)
    }
}
