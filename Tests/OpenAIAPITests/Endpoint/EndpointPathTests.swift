import Testing

@testable import OpenAIAPI

@Suite struct EndpointPathTests {
    @Test func aPathWithoutAVariableIsFixed() {
        #expect(EndpointPath("/v1/files", .read).isFixed)
    }

    @Test(arguments: ["/v1/files/{id}", "/v1/models/{model}", "/v1/{rest}"] as [StaticString])
    func aPathWithAVariableIsNot(pattern: StaticString) {
        #expect(!EndpointPath(pattern, .read).isFixed)
    }

    @Test func pathsGoUpstreamWholeByDefault() {
        #expect(EndpointPath("/v1/files", .read).upstreamStart == 0)
    }
}
