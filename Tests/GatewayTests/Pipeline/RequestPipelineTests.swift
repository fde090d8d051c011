import Clocks
import Foundation
import Loopback
import ManualTime
import Policy
import Testing
import Transport

@testable import Gateway

@Suite(.ownThread) struct RequestPipelineTests {
    static let chat = #"{"model":"gpt-oss:120b","messages":[{"role":"user","content":"Hi"}],"seed":9007199254740993}"#
    static let completion =
        #"{"backend": {"engine_type": "engo", "machine_name": "ma02"},"choices":[{"message":{"content":"Hello"}}],"#
        + #""id":"chatcmpl-1","usage":{"completion_tokens":3,"prompt_tokens":7,"reasoning_tokens":1,"total_tokens":10}}"#

    private static func upstream(_ answers: String...) throws -> ScriptedServer {
        try ScriptedServer(answers.map { [.readRequest, .send($0), .close] })
    }

    @Test func aChatCompletionPassesByteForByteAndIsMetered() async throws {
        let upstream = try Self.upstream(http(Self.completion))
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(body(of: answer) == Self.completion)
        #expect(answer.contains("\r\nid: chatcmpl-1\r\n"))
        #expect(answer.contains("\r\nbackend: {\"engine_type\":\"engo\",\"machine_name\":\"ma02\"}\r\n"))

        let record = try fixture.usage.only()
        #expect(answer.contains("\r\nx-request-id: \(record.id)\r\n"))
        #expect(record.units.inputTokens == 7)
        #expect(record.units.outputTokens == 3)
        #expect(record.units.reasoningTokens == 1)
        #expect(record.exactness == .exact)
        #expect(record.ending == .complete)
        #expect(record.status == 200)
        #expect(record.cost == NanoEuros(7 * 1800 + 3 * 8000))
        #expect(record.keyID == fixture.keyID)
        #expect(record.team == "team")
        #expect(record.endpoint == "chat/completions")
        #expect(record.upstreamID == "chatcmpl-1")
        #expect(record.modelServed == "gpt-oss:120b")
        #expect(record.requestBytes == Int64(Self.chat.utf8.count))
        #expect(record.responseBytes == Int64(Self.completion.utf8.count))
    }

    @Test func theUpstreamSeesTheUpstreamsKeyAndTheCallersBytes() throws {
        let upstream = try Self.upstream(http(Self.completion))
        let fixture = try GatewayFixture(upstream: upstream.address)
        let fields =
            "openai-organization: kept\r\nx-custom: dropped\r\nconnection: x-hop\r\nx-hop: dropped\r\nte: trailers\r\nx-api-key: \(fixture.key)\r\naccept-encoding: br, gzip\r\n"
        _ = try fixture.answer(to: fixture.request("/v1/chat/completions?a=%2F&b", body: Self.chat, fields: fields))
        let seen = try #require(upstream.requests.withLock { $0.first })
        #expect(seen.hasPrefix("POST /v1/chat/completions?a=%2F&b HTTP/1.1\r\n"))
        #expect(seen.contains("authorization: Bearer upstream-secret\r\n"))
        #expect(!seen.contains(fixture.key))
        #expect(seen.contains("openai-organization: kept\r\n"))
        #expect(seen.contains("accept-encoding: gzip\r\n"))
        for dropped in ["x-custom", "x-hop", "te:", "x-api-key", "connection:"] { #expect(!seen.contains(dropped)) }
        #expect(seen.hasSuffix("\r\n\r\n" + Self.chat))
        #expect(seen.components(separatedBy: "content-length").count == 2)
    }

    @Test(arguments: ["gpt-4o", "gpt-4*"]) func anAliasIsReplacedAndNothingElse(_ alias: String) async throws {
        let upstream = try Self.upstream(http(Self.completion))
        let policies = Policies(models: ModelTable(aliases: [alias: "gpt-oss:120b"]))
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies)
        let body = #"{ "n" : 18446744073709551615.0e0, "\u006dodel" : "gpt-4o" , "messages" : [ ],"tool_calls":null}"#
        // n as a float of that size is the upstream's to refuse: here it only shows that no byte is touched.
        let asked = body.replacingOccurrences(of: "\"n\"", with: "\"m\"")
        _ = try fixture.answer(to: fixture.request(body: asked))
        let seen = try #require(upstream.requests.withLock { $0.first })
        #expect(seen.hasSuffix(asked.replacingOccurrences(of: "\"gpt-4o\"", with: "\"gpt-oss:120b\"")))
        let record = try fixture.usage.only()
        #expect(record.modelAsked == "gpt-4o")
        #expect(record.modelServed == "gpt-oss:120b")
    }

    /// As Azure's clients write it. The path counts, and the upstream reads its model in the body.
    @Test(arguments: [
        (#"{"messages":[]}"#, #"{"model":"gpt-oss:120b","messages":[]}"#), ("{}", #"{"model":"gpt-oss:120b"}"#),
        (#"{"model":"small","messages":[]}"#, #"{"model":"gpt-oss:120b","messages":[]}"#),
        (#"{"model":null}"#, #"{"model":"gpt-oss:120b"}"#),
        (#"{"model":"gpt-oss:120b"}"#, #"{"model":"gpt-oss:120b"}"#),
    ])
    func theModelOfADeploymentIsWrittenIntoTheBody(asked: String, sent: String) throws {
        for name in ["gpt-4o", "gpt%2D4o", "gpt-oss:120b", "gpt-oss%3A120b"] {
            let upstream = try Self.upstream(http(Self.completion))
            let policies = Policies(models: ModelTable(aliases: ["gpt-4o": "gpt-oss:120b"]))
            let fixture = try GatewayFixture(
                upstream: upstream.address, policies: policies, models: ["gpt-4o", "gpt-oss:120b"])
            let path = "/openai/deployments/\(name)/chat/completions?api-version=2024-10-21"
            let answer = try #require(try fixture.answer(to: fixture.request(path, body: asked)))
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            let seen = try #require(upstream.requests.withLock { $0.first })
            #expect(seen.hasPrefix("POST /v1/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n"))
            #expect(seen.hasSuffix("\r\n\r\n" + sent))
            #expect(try fixture.usage.only().modelServed == "gpt-oss:120b")
        }
    }

    @Test func aDeploymentThatTheKeyMayNotUseIsRefusedWhateverTheBodySays() throws {
        let upstream = try Self.upstream()
        let fixture = try GatewayFixture(upstream: upstream.address, models: ["small"])
        let path = "/openai/deployments/large/embeddings"
        for body in [#"{"model":"small","input":"x"}"#, #"{"input":"x"}"#] {
            let answer = try #require(try fixture.answer(to: fixture.request(path, body: body)))
            #expect(answer.hasPrefix("HTTP/1.1 403 "))
        }
    }

    @Test(arguments: ["/v1/v1", "/openai/v1"]) func aliasesOfTheBaseURLGoUpstreamAsV1(base: String) throws {
        let upstream = try Self.upstream(http(Self.completion))
        let fixture = try GatewayFixture(upstream: upstream.address)
        _ = try fixture.answer(to: fixture.request(base + "/chat/completions?a", body: Self.chat))
        let seen = try #require(upstream.requests.withLock { $0.first })
        #expect(seen.hasPrefix("POST /v1/chat/completions?a HTTP/1.1\r\n"))
        // Resources have owners under every name.
        let answer = try #require(try fixture.answer(to: fixture.request(base + "/files/file-1", method: "GET")))
        #expect(answer.hasPrefix("HTTP/1.1 404 "))
        #expect(answer.contains(#""code":"not_found""#))
        #expect(upstream.requests.withLock { $0.count } == 1)
    }

    /// Of two names for one connection, the judged one goes upstream.
    @Test func aConnectionOptionRemovesNoJudgedField() throws {
        let upstream = try Self.upstream(http(Self.completion))
        let fixture = try GatewayFixture(upstream: upstream.address)
        _ = try fixture.answer(
            to: fixture.request(body: Self.chat, fields: "connection: content-type, content-length\r\n"))
        let seen = try #require(upstream.requests.withLock { $0.first })
        #expect(seen.contains("content-type: application/json\r\n"))
    }

    @Test func aRefusedUpstreamKeyRestsAndTheNextOneIsUsed() throws {
        let refusal = http(#"{"error":{"message":"Invalid API key provided"}}"#, status: "401 Unauthorized")
        let upstream = try Self.upstream(refusal, http(Self.completion), http(Self.completion))
        let fixture = try GatewayFixture(upstream: upstream.address, upstreamKeys: ["bad", "good"])
        for _ in 0..<2 {
            let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
        let keys = upstream.requests.withLock { $0 }.map { $0.contains("Bearer good") }
        #expect(keys == [false, true, true])
    }

    @Test func anUpstreamThatRefusesEveryKeyIsNotTheCallersFault() async throws {
        let refusal = http(#"{"error":{"message":"Invalid API key provided"}}"#, status: "401 Unauthorized")
        let fixture = try GatewayFixture(upstream: try Self.upstream(refusal).address)
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        #expect(answer.contains(#""code":"upstream_auth""#))
        #expect(try fixture.usage.only().ending == .upstreamFailed)
    }

    @Test func otherErrorsOfTheUpstreamPassAsTheyAre() async throws {
        let error =
            #"{"error":{"message":"Rate limit exceeded.","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}"#
        let upstream = try Self.upstream(http(error, status: "429 Too Many Requests", fields: "retry-after: 7\r\n"))
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
        #expect(answer.contains("retry-after: 7\r\n"))
        #expect(body(of: answer) == error)
        let record = try fixture.usage.only()
        #expect(record.status == 429)
        #expect(record.cost == .zero)
        #expect(record.exactness == .exact)
        #expect(record.units == BillableUnits())
    }

    @Test(arguments: [
        ("authorization: Bearer nonsense\r\n", "invalid_api_key"), ("authorization: Basic eA==\r\n", "invalid_api_key"),
        ("", "invalid_api_key"), ("x-api-key: sk-ppl-a-b\r\n", "invalid_api_key"),
    ]) func withoutAKeyNothingGoesUpstream(field: String, code: String) throws {
        let upstream = try ScriptedServer([])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(
            try fixture.answer(
                to:
                    "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\(field)content-length: 2\r\n\r\n{}"
            ))
        #expect(answer.hasPrefix("HTTP/1.1 401 "))
        #expect(answer.contains("\"type\":\"authentication_error\""))
        #expect(answer.contains("\"code\":\"\(code)\""))
        for name in ["id: ", "backend: ", "x-request-id: "] { #expect(answer.contains("\r\n" + name)) }
        #expect(fixture.usage.records.isEmpty)
    }

    @Test func expiredAndRevokedKeysAreToldSo() throws {
        let past = Timestamp(seconds: 1)
        let upstream = try ScriptedServer([]).address
        let expired = try GatewayFixture(upstream: upstream, expiresAt: past)
        #expect(
            try #require(try expired.answer(to: expired.request(body: Self.chat))).contains(
                #""code":"api_key_expired""#))
        let revoked = try GatewayFixture(upstream: upstream, revokedAt: past)
        let answer = try #require(try revoked.answer(to: revoked.request(body: Self.chat)))
        #expect(answer.contains(#""code":"api_key_revoked""#))
        #expect(answer.contains("x-should-retry: false\r\n"))
    }

    @Test(arguments: [
        ("POST", "/v1/chat/completions", #"{"messages":[]}"#, 400, "missing_model"),
        ("POST", "/v1/chat/completions", #"{"model":"a","\u006dodel":"b"}"#, 400, "duplicate_member"),
        ("POST", "/v1/chat/completions", #"{"model":"a","#, 400, "invalid_json"),
        ("POST", "/v1/chat/completions", #"["model"]"#, 400, "invalid_json"),
        ("POST", "/v1/embeddings", #"{"model":7}"#, 400, "invalid_model"),
        ("POST", "/v1/models", "{}", 405, "method_not_allowed"), ("POST", "/v3/models", "{}", 404, "unknown_url"),
        ("POST", "/v1/../admin", "{}", 404, "unknown_url"), ("GET", "/", "", 404, "unknown_url"),
    ]) func whatCannotBeUnderstoodIsRefused(method: String, path: String, sent: String, status: Int, code: String)
        throws
    {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        let answer = try #require(try fixture.answer(to: fixture.request(path, method: method, body: sent)))
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
        #expect(answer.contains("\"code\":\"\(code)\""))
        #expect(fixture.usage.records.map(\.status) == [status])
    }

    @Test func theTiersListsAreKept() throws {
        var tier = Tier(name: "small")
        tier.models = [NamePattern("granite*")]
        tier.endpoints = [NamePattern("embeddings"), NamePattern("chat/completions")]
        let policies = Policies(tiers: TierTable(overriding: [tier]), defaultTier: "small")
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address, policies: policies)
        let model = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(model.hasPrefix("HTTP/1.1 403 "))
        #expect(model.contains(#""code":"model_not_allowed""#))
        let endpoint = try #require(try fixture.answer(to: fixture.request("/v1/files", method: "GET")))
        #expect(endpoint.hasPrefix("HTTP/1.1 403 "))
        #expect(endpoint.contains(#""code":"endpoint_not_allowed""#))
    }

    @Test func aKeyThatWasCreatedJustNowWorks() throws {
        let upstream = try Self.upstream(http(Self.completion))
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.keys.replace(with: [])
        fixture.keys.stored.withLock { $0 = [fixture.record] }
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(try fixture.usage.only().keyID == fixture.keyID)
    }

    @Test func aKeyThatTheStoreLacksIsUnknown() throws {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        fixture.keys.replace(with: [])
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 401 "))
        #expect(answer.contains(#""code":"invalid_api_key""#))
    }

    /// 401 would make clients drop a key that may be good.
    @Test func withoutTheStoreAnUnknownKeyIsUndecided() throws {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        fixture.keys.replace(with: [])
        fixture.keys.stored.withLock { $0 = nil }
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains(#""code":"store_unavailable""#))
    }

    @Test func aKeyOfAnUnknownTierIsToldSo() throws {
        let fixture = try GatewayFixture(
            upstream: try ScriptedServer([]).address, policies: Policies(defaultTier: "removed"))
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 403 "))
        #expect(answer.contains(#""code":"tier_unknown""#))
        #expect(answer.contains("'removed'"))
    }

    @Test func theLimitsOfBodiesAreKept() throws {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address) { $0.bodyBytes = 1000 }
        let declared = try #require(
            try fixture.answer(to: fixture.request(body: #"{"model":""# + String(repeating: "a", count: 2000) + #""}"#))
        )
        #expect(declared.hasPrefix("HTTP/1.1 413 "))
        let piece = String(repeating: " ", count: 600)
        let head =
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer \(fixture.key)\r\ntransfer-encoding: chunked\r\n\r\n"
        let chunked = try #require(try fixture.answer(to: head + "258\r\n\(piece)\r\n258\r\n\(piece)\r\n"))
        #expect(chunked.hasPrefix("HTTP/1.1 413 "))
    }

    @Test func aLargeBodyGoesThroughAFileWithItsAliasReplaced() throws {
        let upstream = try Self.upstream(http(Self.completion))
        let policies = Policies(models: ModelTable(aliases: ["gpt-4o": "gpt-oss:120b"]))
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies) { $0.memoryBodyBytes = 10_000 }
        let image = String(repeating: "QUJD", count: 500_000)
        let sent =
            #"{"messages":[{"content":[{"image_url":{"url":"data:image/png;base64,"# + image
            + #""}}]}],"model":"gpt-4o"}"#
        let answer = try #require(try fixture.answer(to: fixture.request(body: sent)))
        #expect(answer.hasPrefix("HTTP/1.1 200"))
        let seen = try #require(upstream.requests.withLock { $0.first })
        #expect(seen.hasSuffix("\r\n\r\n" + sent.replacingOccurrences(of: "gpt-4o", with: "gpt-oss:120b")))
    }

    @Test func anUnreachableUpstreamIsSaid() async throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let nobody = listener.address
        _ = consume listener
        let fixture = try GatewayFixture(upstream: nobody) { $0.client.retries = 0 }
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        #expect(answer.contains(#""code":"upstream_unreachable""#))
        #expect(try fixture.usage.only().ending == .upstreamFailed)
    }

    @Test func aSilentUpstreamTimesOut() async throws {
        let clock = ManualTime()
        let upstream = try ScriptedServer([[.readRequest, .waitForEnd]])
        let fixture = try GatewayFixture(upstream: upstream.address, clock: clock)
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        upstream.awaitRequest()
        await fixture.loop.settle()
        clock.advance(by: .seconds(30))
        let answer = try #require(client.receiveAll())
        #expect(answer.hasPrefix("HTTP/1.1 504 "))
        #expect(answer.contains(#""code":"upstream_timeout""#))
        #expect(try fixture.usage.only().ending == .upstreamTimeout)
    }

    @Test func aDrainingGatewayAndOneWithoutItsLedgerTakeNothing() throws {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        fixture.usage.said.withLock { $0 = "the disk is full" }
        let full = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(full.hasPrefix("HTTP/1.1 503 "))
        #expect(full.contains("store_unavailable"))
        #expect(full.contains("\r\nretry-after: "))
        #expect(
            try #require(try fixture.answer(to: fixture.request("/readyz", method: "GET"))).contains("the disk is full")
        )
        fixture.gateway.drain()
        let draining = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(draining.hasPrefix("HTTP/1.1 503 "))
        #expect(draining.contains("draining"))
        #expect(
            try #require(try fixture.answer(to: fixture.request("/healthz", method: "GET"))).hasPrefix("HTTP/1.1 200 "))
    }

    @Test func theModelListShowsWhatTheKeyMayUse() throws {
        let list = #"{"object":"list","data":[{"id":"gpt-oss:120b","x":1},{"id":"llama3.3:70b"}]}"#
        var tier = Tier(name: "small")
        tier.models = [NamePattern("gpt-oss:*")]
        let policies = Policies(
            tiers: TierTable(overriding: [tier]), defaultTier: "small",
            models: ModelTable(aliases: [
                "gpt-4o": "gpt-oss:120b", "llama": "llama3.3:70b", "claude-*": "gpt-oss:120b",
            ]))
        let fixture = try GatewayFixture(upstream: try Self.upstream(http(list)).address, policies: policies)
        let shown = body(of: try #require(try fixture.answer(to: fixture.request("/v1/models", method: "GET"))))
        #expect(shown.contains(#"{"id":"gpt-oss:120b","x":1}"#))
        #expect(shown.contains(#""gpt-4o""#))
        #expect(!shown.contains("llama"))
        #expect(!shown.contains("claude"))
    }
}
