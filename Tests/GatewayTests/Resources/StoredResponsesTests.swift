import Loopback
import Policy
import Testing

@testable import Gateway

/// Responses and conversations that the upstream keeps, which belong to the key that made them and to its team.
@Suite(.ownThread) struct StoredResponsesTests {
    private static let request = #"{"model":"m","input":"x"}"#
    private static let document = #"{"id":"resp_1","object":"response","usage":{"input_tokens":3,"output_tokens":2}}"#
    private static let created = #"data: {"type":"response.created","response":{"id":"resp_1"}}"# + "\n\n"
    private static let completed =
        #"data: {"type":"response.completed","response":{"id":"resp_1","usage":{"input_tokens":3,"output_tokens":2}}}"#
        + "\n\n"

    private func fixture(_ upstream: ScriptedServer) throws -> GatewayFixture {
        try GatewayFixture(upstream: upstream.address) { $0.nativeAPIs = [.responses] }
    }

    private func post(_ body: String, _ fixture: GatewayFixture, key: String? = nil) throws -> String {
        try #require(try fixture.answer(to: fixture.request("/v1/responses", body: body, key: key)))
    }

    @Test(arguments: [request, #"{"model":"m","input":"x","store":true}"#])
    func aStoredResponseBelongsToItsKey(_ request: String) throws {
        let upstream = try upstream([last(Self.document)])
        let fixture = try fixture(upstream)
        let response = try post(request, fixture)
        #expect(body(of: response) == Self.document)
        let object = try #require(fixture.objects.all["resp_1"])
        #expect(object.kind == .response)
        #expect(object.keyID == fixture.keyID)
        #expect(object.team == "team")
        let record = try fixture.usage.only()
        #expect(record.units.inputTokens == 3 && record.units.outputTokens == 2)
    }

    @Test func whatIsNotStoredIsNotNoted() throws {
        let upstream = try upstream([
            last(Self.document), last(#"{"id":"resp_1","error":{}}"#, status: "400 No"),
            last(RequestPipelineTests.completion),
        ])
        let fixture = try fixture(upstream)
        _ = try post(#"{"model":"m","input":"x","store":false}"#, fixture)
        _ = try post(Self.request, fixture)
        _ = try fixture.answer(to: fixture.request(body: #"{"model":"m","messages":[],"store":true}"#))
        #expect(fixture.objects.all.isEmpty)
    }

    /// A client may go on from a stream while it comes, so its owner is known before the first event.
    @Test(arguments: ["", "id: a\r\nbackend: {}\r\n"]) func aStreamIsNotedBeforeItsFirstEvent(_ fields: String) throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\(fields)connection: close\r\n\r\n"
        let upstream = try ScriptedServer([
            [.readRequest, .send(head + Self.created), .pause, .send(Self.completed), .close]
        ])
        let fixture = try fixture(upstream)
        let client = try fixture.caller(
            sending: fixture.request("/v1/responses", body: #"{"model":"m","input":"x","stream":true}"#))
        #expect(client.receive(through: #""id":"resp_1"}}"#).contains("response.created"))
        #expect(fixture.objects.all["resp_1"]?.keyID == fixture.keyID)
        upstream.proceed()
        #expect(client.receiveRest().text.contains("response.completed"))
        #expect(try fixture.usage.only().units.outputTokens == 2)
    }

    /// The client has paid for it. Nobody can name it later, and the upstream is told to forget it.
    @Test func aResponseWithoutAnOwnerIsDeletedUpstream() async throws {
        let upstream = try upstream([last(Self.document), last("{}")])
        let fixture = try fixture(upstream)
        fixture.objects.isOutOfReach.withLock { $0 = true }
        #expect(body(of: try post(Self.request, fixture)) == Self.document)
        #expect(await eventually { upstream.requests.withLock { $0.count } == 2 })
        #expect(upstream.requests.withLock { $0.last }?.hasPrefix("DELETE /v1/responses/resp_1 HTTP/1.1\r\n") == true)
        #expect(fixture.usage.records.count == 1)
    }

    private static let queued = #"{"id":"resp_1","object":"response","status":"queued","output":[],"usage":null}"#

    /// Its usage is known after its request has ended: what it may write is billed, its bound or what its tier reserves.
    @Test(
        arguments: [
            (#","max_output_tokens":500"#, nil, 500), ("", nil, 4096), ("", 1000, 1000),
            (#","max_output_tokens":500"#, 1000, 500),
        ] as [(String, Int64?, Int64)])
    func aResponseInTheBackgroundIsEstimated(_ bound: String, _ tiersMost: Int64?, _ output: Int64) throws {
        let upstream = try upstream([last(Self.queued)])
        var tier = Tier(name: "own")
        if let tiersMost {
            tier[.maxOutputTokens] = tiersMost
            tier[.outputTokensPerHour] = 1_000_000
        }
        let policies = Policies(tiers: TierTable(overriding: [tier]), defaultTier: "own")
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies) {
            $0.nativeAPIs = [.responses]
        }
        let response = try post(#"{"model":"m","input":"x","background":true\#(bound)}"#, fixture)
        #expect(body(of: response) == Self.queued)
        let record = try fixture.usage.only()
        #expect(record.units.outputTokens == output)
        #expect(record.units.inputTokens > 0)
        #expect(record.exactness == .estimated)
    }

    @Test func aStreamInTheBackgroundIsExactOnceItIsWhole() throws {
        let stream = http(
            Self.created + Self.completed, type: "text/event-stream", fields: "connection: close\r\n")
        let upstream = try upstream([stream])
        let fixture = try fixture(upstream)
        _ = try post(#"{"model":"m","input":"x","background":true,"stream":true}"#, fixture)
        let record = try fixture.usage.only()
        #expect(record.units.outputTokens == 2)
        #expect(record.exactness == .exact)
    }

    private static let paths = [
        ("GET", "/v1/responses/resp_1"), ("DELETE", "/v1/responses/resp_1"), ("POST", "/v1/responses/resp_1/cancel"),
        ("GET", "/v1/responses/resp_1/input_items"), ("GET", "/v1/responses/resp_1/other"),
        ("GET", "/v1/conversations/conv_1"), ("POST", "/v1/conversations/conv_1"),
        ("DELETE", "/v1/conversations/conv_1"), ("GET", "/v1/conversations/conv_1/items"),
        ("POST", "/v1/conversations/conv_1/items"), ("DELETE", "/v1/conversations/conv_1/items/i"),
    ]

    private func owning(_ fixture: GatewayFixture) -> GatewayFixture {
        fixture.own("resp_1", .response)
        fixture.own("conv_1", .conversation)
        return fixture
    }

    @Test(arguments: paths) func whatIsSomebodyElsesDoesNotExist(_ method: String, _ path: String) throws {
        let upstream = try upstream([last("{}"), last("{}")])
        let fixture = owning(try fixture(upstream))
        let strangers = fixture.request(path, method: method, key: fixture.strangersKey)
        let refusal = try #require(try fixture.answer(to: strangers))
        #expect(refusal.hasPrefix("HTTP/1.1 404 ") && refusal.contains(#""code":"not_found""#))
        #expect(upstream.requests.withLock { $0.isEmpty })
        for key in [fixture.matesKey, fixture.key].prefix(method == "DELETE" ? 1 : 2) {
            let response = try fixture.answer(to: fixture.request(path, method: method, key: key))
            #expect(try #require(response).hasPrefix("HTTP/1.1 200 "))
        }
        #expect(upstream.requests.withLock { $0.first }?.hasPrefix("\(method) \(path) ") == true)
        #expect(fixture.usage.records.allSatisfy { $0.units == BillableUnits() })
    }

    @Test(arguments: ["/v1/responses/conv_1", "/v1/conversations/resp_1", "/v1/files/resp_1"])
    func aResponseIsNoConversation(_ path: String) throws {
        let fixture = owning(try fixture(upstream([])))
        let response = try #require(try fixture.answer(to: fixture.request(path, method: "GET")))
        #expect(response.hasPrefix("HTTP/1.1 404 "))
    }

    @Test func whatIsDeletedIsForgotten() throws {
        let upstream = try upstream([last("{}"), last("{}")])
        let fixture = owning(try fixture(upstream))
        for path in ["/v1/responses/resp_1", "/v1/conversations/conv_1"] {
            _ = try fixture.answer(to: fixture.request(path, method: "DELETE"))
        }
        #expect(fixture.objects.all.isEmpty)
    }

    @Test func aConversationBelongsToItsKey() throws {
        let upstream = try upstream([last(#"{"id":"conv_2","object":"conversation"}"#)])
        let fixture = try fixture(upstream)
        let response = try fixture.answer(to: fixture.request("/v1/conversations", body: "{}"))
        #expect(try #require(response).hasPrefix("HTTP/1.1 200 "))
        #expect(fixture.objects.all["conv_2"]?.kind == .conversation)
    }

    @Test(arguments: [
        #""previous_response_id":"resp_1""#, #""previous_response_id":"r\u0065sp_1""#, #""conversation":"conv_1""#,
        #""conversation":{"id":"conv_1"}"#, #""previous_response_id":"resp_1","conversation":"conv_1","store":false"#,
    ])
    func oneGoesOnFromOnesOwn(_ members: String) throws {
        let upstream = try upstream([last(Self.document), last(Self.document)])
        let fixture = owning(try fixture(upstream))
        let request = #"{"model":"m","input":"x",\#(members)}"#
        let refusal = try post(request, fixture, key: fixture.strangersKey)
        #expect(refusal.hasPrefix("HTTP/1.1 404 ") && refusal.contains(#""code":"not_found""#))
        #expect(upstream.requests.withLock { $0.isEmpty })
        for key in [fixture.key, fixture.matesKey] {
            #expect(try post(request, fixture, key: key).hasPrefix("HTTP/1.1 200 "))
        }
        #expect(upstream.requests.withLock { $0.first }?.hasSuffix(request) == true)
    }

    @Test(arguments: [
        #""previous_response_id":"resp_2""#, #""conversation":"resp_1""#, #""previous_response_id":"conv_1""#,
    ])
    func whatIsUnknownIsNobodys(_ member: String) throws {
        let fixture = owning(try fixture(upstream([])))
        #expect(try post(#"{"model":"m","input":"x",\#(member)}"#, fixture).hasPrefix("HTTP/1.1 404 "))
    }
}
