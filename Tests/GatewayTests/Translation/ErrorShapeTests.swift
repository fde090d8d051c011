import ChatFixtures
import Loopback
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

/// The gateway's own errors, in the shape of the client's API.
@Suite(.ownThread) struct ErrorShapeTests {
    private func fixture(_ policies: Policies = Policies(), _ adjust: (inout GatewayOptions) -> Void = { _ in })
        throws -> GatewayFixture
    {
        try GatewayFixture(upstream: try ScriptedServer([]).address, policies: policies, adjust)
    }

    private func answer(
        _ fixture: GatewayFixture, _ path: String, method: String = "POST", body: String = "{}", key: String? = nil
    ) throws -> (head: String, JSON?) {
        let text = try #require(
            try fixture.answer(to: fixture.request(path, method: method, body: body, key: key)))
        return (text, JSON(GatewayTests.body(of: text)))
    }

    @Test(arguments: [
        "/v1/messages", "/v1/messages/count_tokens", "/v1/messages/batches", "/v1/v1/messages", "/openai/v1/messages/x",
        "/v1/messages?beta=true",
    ])
    func anUnknownKeyIsAnthropicsErrorOnItsPaths(path: String) throws {
        let (head, body) = try answer(try fixture(), path, key: "sk-other")
        #expect(head.hasPrefix("HTTP/1.1 401 "))
        #expect(body?["type"]?.string == "error")
        #expect(body?["error"]?["type"]?.string == "authentication_error")
        let id = try #require(body?["request_id"]?.string)
        #expect(head.contains("\r\nx-request-id: \(id)\r\n"))
    }

    @Test(arguments: ["/v1/responses", "/v1/messagesx", "/v1/chat/completions", "/v2/messages", "/messages"])
    func everywhereElseItIsOpenAIs(path: String) throws {
        let (_, body) = try answer(try fixture(), path, key: "sk-other")
        #expect(body?["type"] == nil)
        #expect(body?["error"]?["code"]?.string == "invalid_api_key")
    }

    @Test(arguments: [
        ("/v1/messages", "GET", 405, "invalid_request_error"),
        ("/v1/messages/batches", "POST", 404, "not_found_error"),
        ("/v1/messages/batches/b_1", "GET", 404, "not_found_error"),
        ("/v1/messages", "POST", 400, "invalid_request_error"),
    ])
    func theTypeFollowsTheStatus(path: String, method: String, status: Int, type: String) throws {
        let (head, body) = try answer(try fixture(), path, method: method)
        #expect(head.hasPrefix("HTTP/1.1 \(status) "))
        #expect(body?["error"]?["type"]?.string == type)
    }

    @Test func limitsAndSizesToo() throws {
        var tier = Tier(name: "limited")
        tier[.requestsPerDay] = 1
        let limited = try fixture(Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited"))
        let count = #"{"model":"m","messages":[{"role":"user","content":"hi"}]}"#
        #expect(try answer(limited, "/v1/messages/count_tokens", body: count).head.hasPrefix("HTTP/1.1 200 "))
        let (head, body) = try answer(limited, "/v1/messages", body: count)
        #expect(head.hasPrefix("HTTP/1.1 429 "))
        #expect(body?["error"]?["type"]?.string == "rate_limit_error")
        let large = try answer(try fixture { $0.bodyBytes = 10 }, "/v1/messages", body: count)
        #expect(large.head.hasPrefix("HTTP/1.1 413 "))
        #expect(large.1?["error"]?["type"]?.string == "request_too_large")
    }

    /// Nothing is stored, so that every stored response is somebody else's.
    @Test(arguments: [
        ("GET", "/v1/responses/resp_1"), ("DELETE", "/v1/responses/resp_1"), ("POST", "/v1/responses/resp_1/cancel"),
        ("GET", "/v1/responses/resp_1/input_items"), ("POST", "/v1/responses/compact"),
    ])
    func noResponseIsStored(method: String, path: String) throws {
        let fixture = try fixture()
        let (head, body) = try answer(fixture, path, method: method)
        #expect(head.hasPrefix("HTTP/1.1 404 "))
        #expect(body?["error"]?["type"]?.string == "invalid_request_error")
        #expect(body?["error"]?["code"]?.string == "not_found")
        // Refused, not sent.
        #expect(try !fixture.usage.only().countsAsRequest)
    }

    // MARK: Streams that have begun

    /// A stream that waits in the queue has its head before it has an answer.
    private func waiting(_ dialect: Dialect, _ answer: String?, native: [Dialect] = []) async throws -> (String, Bool) {
        var tier = Tier(name: "queued")
        tier[.concurrentRequests] = 1
        tier.queue = Tier.Queue()
        tier.queue?.wait = answer == nil ? .milliseconds(1500) : .seconds(30)
        let upstream = try ScriptedServer(
            [[.readRequest, .pause, .send(last("1")), .close]]
                + (answer.map { [[.readRequest, .send($0), .close]] } ?? []), isConcurrent: true)
        let fixture = try GatewayFixture(
            upstream: upstream.address, policies: Policies(tiers: TierTable(overriding: [tier]), defaultTier: "queued")
        ) { $0.nativeAPIs = native }
        let first = try fixture.caller(sending: fixture.request(body: #"{"model":"m","messages":[]}"#))
        #expect(await eventually { upstream.requests.withLock { $0.count } == 1 })
        let second = try fixture.caller(sending: fixture.request(dialect.path, body: dialect.request(stream: true)))
        let start = second.receive(through: "limits of this key\n\n")
        #expect(start.contains("content-type: text/event-stream"))
        if answer != nil { upstream.proceed() }
        let rest = second.receiveRest()
        if answer == nil { upstream.proceed() }
        _ = first.receiveAll()
        return (rest.text, rest.isBroken || !rest.text.hasSuffix("0\r\n\r\n"))
    }

    @Test(arguments: Dialect.allCases) func aStreamThatWaitedIsTranslated(dialect: Dialect) async throws {
        let (text, isBroken) = try await waiting(
            dialect, eventStream(ChatStream([ChatStream.content("hello")]).text))
        #expect(!isBroken)
        #expect(dialect.lastEvents.contains { text.contains("event: \($0)\n") })
    }

    @Test(arguments: Dialect.allCases) func aRefusalAfterTheHeadIsTheAPIsOwn(dialect: Dialect) async throws {
        let (text, isBroken) = try await waiting(dialect, nil)
        #expect(!isBroken)
        #expect(text.contains("event: \(dialect == .responses ? "response.failed" : "error")\n"))
        #expect(text.contains("The limit of this key, 1 request"))
    }

    @Test(arguments: Dialect.allCases) func anErrorAfterTheHeadIsTheAPIsOwn(dialect: Dialect) async throws {
        let error = last(#"{"error":{"message":"engine died"}}"#, status: "500 Internal Server Error")
        let (text, isBroken) = try await waiting(dialect, error)
        #expect(!isBroken)
        #expect(text.contains("event: \(dialect == .responses ? "response.failed" : "error")\n"))
        #expect(text.contains("engine died"))
    }

    /// A stream that the upstream serves itself fails in its API's shape too.
    @Test func aNativeStreamFailsInItsShape() throws {
        let start = "event: message_start\ndata: {\"type\":\"message_start\"}\n\n"
        let exchange = try TranslatedExchange(
            .messages, Dialect.messages.request(stream: true),
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                + "\(String(start.utf8.count, radix: 16))\r\n\(start)\r\n5\r\nda"
        ) { $0.nativeAPIs = [.messages] }
        #expect(exchange.isBroken)
        #expect(exchange.events.map(\.name) == ["message_start", "error"])
        #expect(exchange.events.last?.data["error"]?["type"]?.string == "api_error")
    }
}
