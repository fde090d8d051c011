import HTTP1
import OpenAIAPI
import Testing

@testable import Gateway

@Suite struct MatchRouteTests {
    private func head(_ method: String, _ target: String) throws -> RequestHead {
        try RequestHead.of("\(method) \(target) HTTP/1.1\nhost: x")
    }

    private func error(_ method: String, _ target: String) throws -> (status: Int?, code: String?) {
        do {
            _ = try MatchedRoute.of(head(method, target))
            return (nil, nil)
        } catch let failure as RequestFailure { return (failure.error?.status, failure.error?.code) }
    }

    @Test(arguments: [
        ("POST", "/v1/chat/completions", Endpoint.chatCompletions), ("POST", "/v1/embeddings?x=1", .embeddings),
        ("GET", "/v1/models", .models), ("GET", "/v1/realtime?model=a", .realtime), ("PUT", "/v1/anything", .other),
    ])
    func aPathHasItsEndpoint(method: String, target: String, endpoint: Endpoint) throws {
        #expect(try MatchedRoute.of(head(method, target)).endpoint == endpoint)
    }

    @Test func unknownPathsAndMethodsAreRefused() throws {
        #expect(try error("GET", "/").status == 404)
        #expect(try error("GET", "/v2/chat/completions").code == "unknown_url")
        #expect(try error("GET", "/v1/chat/completions").status == 405)
        #expect(try error("DELETE", "/v1/models").code == "method_not_allowed")
    }

    @Test(arguments: [
        ("GET", "/v1/models/a%00b", "invalid_model"), ("GET", "/v1/realtime?model=a%0D%0Ab", "invalid_model"),
        ("POST", "/openai/deployments/a%1Bb/embeddings", "invalid_model"),
        ("GET", "/v1/realtime?model=a&model=b", "duplicate_member"),
    ])
    func namesOfModelsAreChecked(method: String, target: String, code: String) throws {
        #expect(try error(method, target).status == 400)
        #expect(try error(method, target).code == code)
    }

    @Test func aModelIsFoundInThePathAndInTheQuery() throws {
        let path = try head("GET", "/v1/models/nvidia%2Fllama:7b")
        #expect(try MatchedRoute.of(path).modelInPath(of: path) == "nvidia/llama:7b")
        let query = try head("GET", "/v1/realtime?a=b&model=whisper")
        #expect(try MatchedRoute.of(query).queryModel?.model == "whisper")
        let other = try head("POST", "/v1/embeddings?model=whisper")
        #expect(try MatchedRoute.of(other).queryModel == nil)
        #expect(try MatchedRoute.of(other).modelInPath(of: other) == nil)
        let deployment = try head("POST", "/openai/deployments/gpt%2D4o/embeddings?api-version=2024-10-21")
        #expect(try MatchedRoute.of(deployment).modelInPath(of: deployment) == "gpt-4o")
        #expect(try MatchedRoute.of(deployment).path.namesModelOfBody)
        #expect(try !MatchedRoute.of(path).path.namesModelOfBody)
    }

    @Test(arguments: [
        ("HEAD", RequestMethod.head, true), ("GET", .idempotent, true), ("DELETE", .idempotent, true),
        ("PUT", .put, true), ("OPTIONS", .idempotent, true), ("POST", .other, false), ("PATCH", .other, false),
    ])
    func methodsAreIdempotentAsRFC9110Says(name: String, method: RequestMethod, isIdempotent: Bool) throws {
        let found = RequestMethod(try head(name, "/v1/anything"))
        #expect(found == method)
        #expect(found.isIdempotent == isIdempotent)
    }
}
