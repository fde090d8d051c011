import Testing

@testable import OpenAIAPI

@Suite struct PathAliasTests {
    private func surplus(_ path: String) -> Int? { PathAlias.surplus(of: Array(path.utf8).span) }
    private func deployment(_ path: String) -> String? {
        let bytes = Array(path.utf8)
        return PathAlias.deployment(in: bytes.span).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test func whatPrecedesTheVersion() {
        #expect(surplus("/v1/v1/x") == 3)
        #expect(surplus("/openai/v1/x") == 7)
        for path in ["/v1/x", "/v1/v1", "/v1/v2/x", "/openai/v2/x", "/openai/deployments/m/x", "", "/"] {
            #expect(surplus(path) == nil)
        }
    }

    @Test func theModelOfADeployment() {
        #expect(deployment("/openai/deployments/a%2Fb/x/y") == "a%2Fb")
        #expect(deployment("/openai/deployments//x") == "")
        for path in ["/openai/deployments/m", "/openai/deployments/", "/openai/deployment/m/x", "/v1/m/x", ""] {
            #expect(deployment(path) == nil)
        }
    }
}
