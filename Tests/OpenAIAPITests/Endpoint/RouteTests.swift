import Foundation
import OpenAIAPI
import SeededRandom
import Testing

@Suite struct RouteTests {
    private func routed(_ method: String, _ path: String) -> Route {
        route(method: Array(method.utf8).span, path: Array(path.utf8).span)
    }

    private func endpoint(_ method: String, _ path: String) -> Endpoint? {
        if case .endpoint(let endpoint, _) = routed(method, path) { endpoint } else { nil }
    }

    @Test(arguments: [
        ("/v1/realtime", WebSocketUse.required), ("/v1/realtime/calls", .optional), ("/v1/chat/completions", .never),
        ("/v1/responses", .never), ("/v1/models/realtime", .never), ("/v1/files/a", .never),
    ]) func theTableSaysWhereWebSocketsAreServed(path: String, use: WebSocketUse) throws {
        let routes = ["GET", "POST"].map { routed($0, path) }
        let uses = routes.compactMap { if case .endpoint(_, let upstream) = $0 { upstream.webSocket } else { nil } }
        #expect(Set(uses.map { "\($0)" }) == ["\(use)"])
    }

    private func upstreamPath(_ path: String, model: String? = nil) -> String? {
        for method in ["POST", "GET"] {
            guard case .endpoint(_, let upstream) = routed(method, path) else { continue }
            var target: [UInt8] = []
            upstream.append(to: &target, asWritten: Array(path.utf8).span, model: model)
            return String(decoding: target, as: UTF8.self)
        }
        return nil
    }

    @Test(arguments: [
        ("/v1/chat/completions", Endpoint.chatCompletions, "POST"), ("/v1/completions", .completions, "POST"),
        ("/v1/embeddings", .embeddings, "POST"), ("/v1/rerank", .rerank, "POST"), ("/v2/rerank", .rerank, "POST"),
        ("/v1/v1/rerank", .rerank, "POST"), ("/v1/v2/rerank", .rerank, "POST"),
        ("/v1/audio/transcriptions", .transcriptions, "POST"), ("/v1/audio/translations", .translations, "POST"),
        ("/v1/audio/speech", .speech, "POST"), ("/v1/images/generations", .images, "POST"),
        ("/v1/models", .models, "GET, HEAD"), ("/v1/models/gpt-oss:120b", .models, "GET, HEAD"),
        ("/v1/models/nvidia%2Fllama", .models, "GET, HEAD"), ("/v1/models/nvidia/llama", .models, "GET, HEAD"),
        ("/v1/files", .files, "GET, HEAD, POST"), ("/v1/files/file-1", .files, "GET, HEAD, DELETE"),
        ("/v1/files/file-1/content", .files, "GET, HEAD"), ("/v1/batches", .batches, "GET, HEAD, POST"),
        ("/v1/batches/batch_1", .batches, "GET, HEAD"), ("/v1/batches/batch_1/cancel", .batches, "POST"),
        ("/v1/realtime", .realtime, "GET, HEAD"),
        ("/v1/realtime/sessions", .realtime, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("/v1/responses", .responses, "POST"), ("/v1/messages", .messages, "POST"),
        ("/v1/messages/count_tokens", .tokenCounts, "POST"),
        ("/v1/responses/resp_1", .storedResponses, "GET, HEAD, POST, DELETE"),
        ("/v1/responses/resp_1/cancel", .storedResponses, "POST"),
        ("/v1/responses/resp_1/input_items", .storedResponses, "GET, HEAD"),
        ("/v1/responses/resp_1/x", .other, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("/v1/conversations", .conversations, "POST"),
        ("/v1/conversations/c", .conversations, "GET, HEAD, POST, DELETE"),
        ("/v1/conversations/c/items", .conversations, "GET, HEAD, POST"),
        ("/v1/conversations/c/items/i", .conversations, "GET, HEAD, DELETE"),
        ("/v1/responses/input_tokens", .inputTokens, "POST"),
        ("/v1/images/edits", .other, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("/v1/chat/completions/abc", .other, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("/v1/files/a/b/c", .other, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("/v1/Foo/", .other, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        // Aliases.
        ("/v1/v1/chat/completions", .chatCompletions, "POST"), ("/openai/v1/embeddings", .embeddings, "POST"),
        ("/openai/v1/v2/rerank", .rerank, "POST"), ("/openai/v1/models/a%2Fb", .models, "GET, HEAD"),
        ("/v1/v1/files/file-1/content", .files, "GET, HEAD"),
        ("/v1/v1/responses", .responses, "POST"),
        ("/openai/deployments/gpt-4o/chat/completions", .chatCompletions, "POST"),
        ("/openai/deployments/a%2Fb:1/completions", .completions, "POST"),
        ("/openai/deployments/m/embeddings", .embeddings, "POST"),
        ("/openai/deployments/m/audio/transcriptions", .transcriptions, "POST"),
        ("/openai/deployments/m/audio/translations", .translations, "POST"),
        ("/openai/deployments/m/audio/speech", .speech, "POST"),
        ("/openai/deployments/m/images/generations", .images, "POST"),
    ])
    func everyPathHasItsEndpointAndItsMethods(path: String, expected: Endpoint, allow: String) {
        let allowed = allow.split(separator: ", ").map(String.init)
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "post", "POSTS", ""] {
            if allowed.contains(method) {
                #expect(endpoint(method, path) == expected, "\(method) \(path)")
            } else {
                #expect(routed(method, path) == .methodNotAllowed(allow: allow), "\(method) \(path)")
            }
        }
    }

    @Test(arguments: [
        "", "/", "/v1", "/v1/", "/v2", "/v2/", "/v2/chat/completions", "/v3/x", "/V1/models", "/healthz", "v1/models",
        "/v1models",
        "/v11/models", "*", "//v1/models", "/v1%2Fmodels",
        // What leaves /v1/, however it is written.
        "/v1/..", "/v1/../admin", "/v1/x/../../admin", "/v1/./models", "/v1/%2e%2e/admin", "/v1/.%2E/admin",
        "/v1/..%2fadmin",
        "/v1/x%2f..%2f..%2fadmin", "/v1/..;/admin", "/v1/..;a=b/admin", "/v1/%2e%2e;/admin", "/v1/..%5cadmin",
        "/v1/..\\admin",
        "/v1/models/..%2f..%2fadmin", "/v1/models/x/../../admin", "/v1/%252e%252e/admin",
        "/v1/models/%252e%252e%252fadmin",
        // What has no one reading.
        "/v1/a%", "/v1/a%2", "/v1/a%zz", "/v1/a%00", "/v1/a%0d%0ab", "/v1/a%ff", "/v1/a%7F",
        // What other servers could take for an endpoint.
        "/v1/chat/completions/", "/v1//chat/completions", "/v1/chat//completions", "/v1/chat%2Fcompletions",
        "/v1/%63hat/completions", "/v1/Chat/Completions", "/v1/chat/Completions", "/v1/audio/Speech",
        "/v1/chat/completions;a=b", "/v1/chat;x/completions",
        "/v1/models/", "/v1/models//x", "/v1/Models", "/v1/Models/x", "/v1/%6dodels/x", "/v1/files/",
        "/v1/files//content",
        "/v1/files/a%2Fcontent", "/v1/Files/x", "/v1//files/x", "/v1/files/x;y", "/v1/batches/b%31", "/v1/BATCHES",
        "/v1//",
        "/v1/V2/rerank", "/v1/v1/rerank/",
        // Aliases stand once, and exactly so.
        "/v1/v1", "/v1/v1/", "/v1/v1/v1/chat/completions", "/v1/V1/chat/completions", "/v1//v1/x",
        "/openai/v1/v1/models",
        "/v1/v1/..", "/v1/v1/../admin", "/openai/v1/..%2fadmin", "/openai/v1", "/openai/v1/", "/openai",
        "/openai/v2/rerank",
        "/OpenAI/v1/embeddings", "/openai/v1/Chat/completions", "/v1/v1/chat/completions/",
        "/openai/deployments/m", "/openai/deployments/m/", "/openai/deployments/m/moderations",
        "/openai/deployments/m/models", "/openai/deployments/m/files", "/openai/deployments/m/chat/completions/",
        "/openai/deployments/m/../x/chat/completions", "/openai/deployments/m/v1/chat/completions",
        "/openai/deployments/a/b/chat/completions", "/openai/deployments//chat/completions/x",
    ])
    func everythingElseIsUnknown(path: String) {
        for method in ["GET", "POST", "TRACE"] { #expect(routed(method, path) == .unknown) }
    }

    @Test func pathsGoUpstreamAsTheyWereWritten() {
        for path in [
            "/v1/chat/completions", "/v1/models/nvidia%2Fllama%3a1", "/v1/files/file-1/content",
            "/v1/what/ever%20it%21", "/v2/rerank",
        ] {
            #expect(upstreamPath(path) == path)
        }
    }

    @Test func aliasesAreUndone() {
        #expect(upstreamPath("/v1/v1/chat/completions") == "/v1/chat/completions")
        #expect(upstreamPath("/openai/v1/chat/completions") == "/v1/chat/completions")
        #expect(upstreamPath("/openai/v1/models/a%2Fb") == "/v1/models/a%2Fb")
        #expect(upstreamPath("/openai/v1/models/a%2Fb", model: "c") == "/v1/models/c")
        #expect(upstreamPath("/v1/v1/files/file-1") == "/v1/files/file-1")
        #expect(upstreamPath("/openai/v1/v2/rerank") == "/v2/rerank")
        #expect(upstreamPath("/openai/deployments/gpt-4o/chat/completions") == "/v1/chat/completions")
        #expect(upstreamPath("/openai/deployments/a%2Fb/audio/speech", model: "x") == "/v1/audio/speech")
    }

    /// A name that no reader could use is 400, wherever the path has it.
    @Test(arguments: ["a%00b", "a%1b", "a%0D%0Ab", "%7F", "%E2%80%AEx", "%EF%BF%BD"])
    func modelsInPathsAreChecked(name: String) {
        for path in ["/v1/models/\(name)", "/openai/v1/models/\(name)", "/v1/v1/models/x%2F\(name)"] {
            #expect(routed("GET", path) == .invalidModel, "\(path)")
        }
        #expect(routed("POST", "/openai/deployments/\(name)/embeddings") == .invalidModel)
        #expect(routed("POST", "/openai/deployments/\(name)/nothing") == .unknown)
    }

    @Test func modelsInPathsAreBounded() {
        for (count, isValid) in [(256, true), (257, false)] {
            let name = String(repeating: "m", count: count)
            #expect((routed("GET", "/v1/models/\(name)") == .invalidModel) == !isValid)
            #expect((routed("POST", "/openai/deployments/\(name)/embeddings") == .invalidModel) == !isValid)
        }
    }

    @Test func doubledVersionsOfCohereClientsAreUndone() {
        #expect(upstreamPath("/v1/v1/rerank") == "/v1/rerank")
        #expect(upstreamPath("/v1/v2/rerank") == "/v2/rerank")
    }

    @Test func aModelInThePathIsFoundAndReplaced() {
        func id(_ path: String) -> String? {
            guard case .endpoint(_, let upstream) = routed("GET", path) else { return nil }
            return upstream.modelID(in: Array(path.utf8).span)
        }
        #expect(id("/v1/models/gpt-oss:120b") == "gpt-oss:120b")
        #expect(id("/v1/models/nvidia%2Fllama%3A8b") == "nvidia/llama:8b")
        #expect(id("/v1/models/nvidia/llama") == "nvidia/llama")
        #expect(id("/openai/v1/models/gpt-oss:120b") == "gpt-oss:120b")
        #expect(id("/v1/models") == nil)
        #expect(id("/v1/files/file-1") == nil)
        #expect(upstreamPath("/v1/models/small", model: "nvidia/llama é:8b") == "/v1/models/nvidia%2Fllama%20%C3%A9:8b")
        #expect(upstreamPath("/v1/files/f", model: "gpt-oss:120b") == "/v1/files/f")
    }

    @Test func noRandomPathLeavesV1() {
        var random = SeededGenerator(seed: 11)
        let pieces = [
            "/", "..", ".", "%2e", "%2F", "%5c", "a", ";", "v1", "models", "files", "%25", "2e", "\\", "rerank",
        ]
        for _ in 0..<20_000 {
            let path =
                random.pick(["/v1/", "/v1/", "/v1/v1/", "/openai/v1/", "/openai/deployments/"])
                + (0..<Int.random(in: 1...6, using: &random)).map { _ in random.pick(pieces) }.joined()
            guard let target = upstreamPath(path) else { continue }
            // As a server would that resolves everything it can, twice.
            var text = target
            for _ in 0..<2 { text = text.removingPercentEncoding ?? text }
            let segments = text.replacing("\\", with: "/").split(separator: "/").map { $0.prefix { $0 != ";" } }
            #expect(!segments.contains("..") && !segments.contains("."), "\(path)")
        }
    }
}
