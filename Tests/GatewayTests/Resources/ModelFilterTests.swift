import Loopback
import Policy
import Testing

@testable import Gateway

/// The list of models and single models, as clients of OpenAI's and of Anthropic's API read them.
@Suite(.ownThread) struct ModelFilterTests {
    private static let list = """
        {"object":"list","data":[{"id":"gpt-oss:120b","created":1749110897,"max_model_len":120000},{"id":"llama3.3:70b"},\
        {"id":"gpt-oss:20b"}]}
        """
    private static let anthropic = "anthropic-version: 2023-06-01\r\n"

    private func fixture(_ responses: String...) throws -> (GatewayFixture, ScriptedServer) {
        let upstream = try ScriptedServer(responses.map { [.readRequest, .send($0), .close] })
        var tier = Tier(name: "small")
        tier.models = [NamePattern("gpt-oss:*")]
        let policies = Policies(
            tiers: TierTable(overriding: [tier]), defaultTier: "small",
            models: ModelTable(aliases: [
                "gpt-4o": "gpt-oss:120b", "llama": "llama3.3:70b", "claude-*": "gpt-oss:20b",
            ]))
        return (try GatewayFixture(upstream: upstream.address, policies: policies), upstream)
    }

    private func get(_ path: String, _ fields: String, _ fixture: GatewayFixture) throws -> String {
        try #require(try fixture.answer(to: fixture.request(path, method: "GET", fields: fields)))
    }

    @Test func anthropicsClientGetsItsForm() throws {
        let (fixture, upstream) = try fixture(http(Self.list))
        let response = try get("/v1/models?limit=2&after_id=gpt-oss%3A120b", Self.anthropic, fixture)
        #expect(response.hasPrefix("HTTP/1.1 200 "))
        let rest = #""created_at":"1970-01-01T00:00:00Z","max_input_tokens":null"#
        let shown = body(of: response)
        #expect(shown.hasPrefix(#"{"data":[{"type":"model","id":"gpt-oss:20b","display_name":"gpt-oss:20b",\#(rest),"#))
        #expect(
            shown.contains(
                #"{"type":"model","id":"gpt-4o","display_name":"gpt-4o","created_at":"2025-06-05T08:08:17Z","max_input_tokens":120000,"#
            ))
        #expect(shown.hasSuffix(#""first_id":"gpt-oss:20b","last_id":"gpt-4o","has_more":false}"#))
        #expect(!shown.contains("llama") && !shown.contains("claude"))
        // The page is the gateway's: of a page of the upstream it could not know the rest.
        #expect(upstream.requests.withLock { $0.first }?.hasPrefix("GET /v1/models HTTP/1.1\r\n") == true)
    }

    @Test func openAIsClientGetsTheUpstreamsBytes() throws {
        let (fixture, upstream) = try fixture(http(Self.list))
        let shown = body(of: try get("/v1/models?limit=1000", "", fixture))
        #expect(shown.contains(#"{"id":"gpt-oss:120b","created":1749110897,"max_model_len":120000}"#))
        #expect(shown.contains(#"{"id":"gpt-4o","created":1749110897,"max_model_len":120000}"#))
        #expect(upstream.requests.withLock { $0.first }?.hasPrefix("GET /v1/models?limit=1000 ") == true)
    }

    @Test(arguments: ["limit=0", "after_id=llama3.3:70b", "before_id=a&after_id=b"])
    func pagesThatAreNoneAreRefused(_ query: String) throws {
        let (fixture, _) = try fixture(http(Self.list))
        let response = try get("/v1/models?\(query)", Self.anthropic, fixture)
        #expect(response.hasPrefix("HTTP/1.1 400 "))
        #expect(response.contains("invalid_value"))
    }

    @Test func aModelHasTheFormThatItsClientReads() throws {
        let model = #"{"id":"gpt-oss:20b", "object":"model"}"#
        let (fixture, upstream) = try fixture(http(model), http(model))
        let path = "/v1/models/claude-sonnet-4-5"
        #expect(body(of: try get(path, Self.anthropic, fixture)).hasPrefix(#"{"type":"model","id":"gpt-oss:20b","#))
        #expect(body(of: try get(path, "", fixture)) == model)
        for seen in upstream.requests.withLock({ $0 }) { #expect(seen.hasPrefix("GET /v1/models/gpt-oss:20b ")) }
    }

    @Test func whatIsNoModelPassesAsItIs() throws {
        let refusal = http(#"{"error":{"message":"no"}}"#, status: "404 Not Found")
        let (fixture, _) = try fixture(http(#"{"models":[]}"#), http("[]"), refusal)
        #expect(body(of: try get("/v1/models", Self.anthropic, fixture)) == #"{"models":[]}"#)
        #expect(body(of: try get("/v1/models/gpt-4o", Self.anthropic, fixture)) == "[]")
        let missing = try get("/v1/models/gpt-oss:1", Self.anthropic, fixture)
        #expect(missing.hasPrefix("HTTP/1.1 404 "))
        #expect(body(of: missing) == #"{"error":{"message":"no"}}"#)
    }

    @Test func headOfTheRootNeedsNoKey() throws {
        let (fixture, _) = try fixture()
        let response = try #require(try fixture.answer(to: "HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
        #expect(response.hasPrefix("HTTP/1.1 200 "))
        #expect(response.contains("\r\nx-request-id: "))
        #expect(response.hasSuffix("\r\n\r\n"))
        for text in ["HEAD /x", "GET /", "POST /", "HEAD *"] {
            let other = try fixture.answer(to: "\(text) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            #expect(other?.hasPrefix("HTTP/1.1 4") == true, "\(text)")
        }
        #expect(fixture.usage.records.isEmpty)
    }
}
