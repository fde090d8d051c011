import Testing

@testable import OpenAIAPI

@Suite struct UpstreamPathTests {
    private func target(_ path: UpstreamPath, _ written: String, model: String? = nil) -> String {
        var target = Array("/base".utf8)
        path.append(to: &target, asWritten: Array(written.utf8).span, model: model)
        return String(decoding: target, as: UTF8.self)
    }

    @Test func aPathIsAppendedAsItWasWritten() {
        #expect(target(UpstreamPath(), "/v1/a%20b") == "/base/v1/a%20b")
    }

    @Test func theFirstVersionIsLeftOut() {
        #expect(target(UpstreamPath(from: 3), "/v1/v2/rerank") == "/base/v2/rerank")
    }

    @Test func aModelReplacesTheIDAlone() {
        #expect(
            target(UpstreamPath(modelID: 11..<16), "/v1/models/small", model: "a/é:1") == "/base/v1/models/a%2F%C3%A9:1"
        )
    }

    @Test func withoutAModelTheIDStays() {
        #expect(target(UpstreamPath(modelID: 11..<16), "/v1/models/small") == "/base/v1/models/small")
    }

    @Test func aModelIsIgnoredWhereThePathHasNone() {
        #expect(target(UpstreamPath(), "/v1/files/a", model: "b") == "/base/v1/files/a")
    }

    @Test func anAliasMovesTheRest() {
        let written = "/openai/v1/models/a%2Fb"
        let path = UpstreamPath(modelID: 11..<written.utf8.count - 7).after(7)
        #expect(target(path, written) == "/base/v1/models/a%2Fb")
        #expect(target(path, written, model: "c") == "/base/v1/models/c")
        #expect(path.modelID(in: Array(written.utf8).span) == "a/b")
        #expect(!path.namesModelOfBody)
    }

    @Test func aDeploymentIsLeftOut() {
        let written = "/openai/deployments/gpt%2D4o/embeddings"
        let path = UpstreamPath(deployment: 20..<28)
        #expect(target(path, written) == "/base/v1/embeddings")
        #expect(target(path, written, model: "x") == "/base/v1/embeddings")
        #expect(path.modelID(in: Array(written.utf8).span) == "gpt-4o")
        #expect(path.namesModelOfBody)
    }

    @Test func theIDIsDecoded() {
        let path = Array("/v1/models/a%2Fb".utf8)
        #expect(UpstreamPath(modelID: 11..<path.count).modelID(in: path.span) == "a/b")
        #expect(UpstreamPath().modelID(in: path.span) == nil)
    }
}
