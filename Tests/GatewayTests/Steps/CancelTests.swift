import Clocks
import HTTP1
import Loopback
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

extension GatewayFixture {
    /// The request in flight that has reached `state`, waited for.
    func running(_ state: RequestState) async throws -> RunningRequest {
        var found: RunningRequest?
        _ = await eventually {
            found = await gateway.runningRequests().first { $0.state == state }
            return found != nil
        }
        return try #require(found, "no request reaches the state \(state)")
    }
}

/// Requests that the administrator looks at and ends, in every state.
@Suite(.ownThread) struct CancelTests {
    private static let chat =
        #"{"model":"gpt-oss:120b","messages":[{"role":"user","content":"hello, is anybody there?"}],"user":"bob"}"#
    private static let stream = #"{"model":"gpt-oss:120b","messages":[],"stream":true}"#
    private static let streamHead =
        "HTTP/1.1 200 OK\r\nid: a\r\nbackend: {}\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    private static let documentHead = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9999\r\n"

    /// One request at a time, and a queue for the others.
    private static var oneAtATime: Policies {
        var tier = Tier(name: "queued")
        tier[.concurrentRequests] = 1
        tier.queue = Tier.Queue()
        return Policies(tiers: TierTable(overriding: [tier]), defaultTier: "queued")
    }

    private static func event(_ text: String) -> String {
        let event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\(text)\"}}]}\n\n"
        return "\(String(event.utf8.count, radix: 16))\r\n\(event)\r\n"
    }

    /// Ends `request`, and checks that it was there and is not any more.
    private func cancel(_ request: RunningRequest, _ fixture: GatewayFixture) async throws {
        guard case .ended(let ended) = await fixture.gateway.cancel(request.id) else {
            Issue.record("the request has not ended")
            return
        }
        #expect(ended.id == request.id)
        #expect(await fixture.gateway.runningRequests().allSatisfy { $0.id != request.id })
        #expect(await fixture.gateway.cancel(request.id) == nil)
    }

    /// Checks the gateway's own response to a request whose client had none before.
    private func expectRefusal(_ answer: String) {
        #expect(answer.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        #expect(answer.contains(#""code":"request_cancelled""#))
        #expect(answer.contains("\r\nx-should-retry: false\r\n"))
        #expect(answer.contains("\r\nconnection: close\r\n"))
    }

    private func expectCancelled(_ record: UsageRecord, status: Int) {
        #expect(record.ending == .cancelled)
        #expect(record.cause == .requestCancelled)
        #expect(record.status == status)
    }

    // MARK: Before the upstream has the request

    @Test func aBodyThatIsRead() async throws {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        let client = try fixture.caller(
            sending: fixture.request(body: Self.chat).replacing("content-length: ", with: "content-length: 9"))
        let request = try await fixture.running(.reading)
        #expect(request.key?.id == fixture.keyID)
        #expect(request.endpoint == "chat/completions")
        #expect(request.model == nil && request.progress == nil && request.tokensPerSecond == nil)
        try await cancel(request, fixture)
        client.finishSending()
        expectRefusal(try #require(client.receiveAll()))
        let record = try fixture.usage.only()
        expectCancelled(record, status: 403)
        #expect(record.cost == .zero && record.exactness == .exact)
    }

    @Test func aRequestThatWaitsForRoom() async throws {
        let upstream = try ScriptedServer([[.readRequest, .pause, .send(last("1")), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: Self.oneAtATime)
        let first = try fixture.caller(sending: fixture.request(body: Self.chat))
        _ = try await fixture.running(.sent)
        let second = try fixture.caller(sending: fixture.request(body: Self.chat))
        let request = try await fixture.running(.waiting)
        #expect(request.model == "gpt-oss:120b" && request.user == "bob")
        try await cancel(request, fixture)
        expectRefusal(try #require(second.receiveAll()))
        #expect(fixture.gateway.waitingRequests == 0)
        upstream.proceed()
        #expect(body(of: try #require(first.receiveAll())) == "1")
        #expect(fixture.usage.records.map(\.ending) == [.cancelled, .complete])
        #expect(upstream.requests.withLock { $0.count } == 1)
    }

    /// The stream of a request that waits has begun: it gets an event.
    @Test func aStreamThatWaitsForRoom() async throws {
        let upstream = try ScriptedServer([[.readRequest, .pause, .send(last("1")), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: Self.oneAtATime)
        let first = try fixture.caller(sending: fixture.request(body: Self.chat))
        _ = try await fixture.running(.sent)
        let second = try fixture.caller(sending: fixture.request(body: Self.stream))
        #expect(second.receive(through: "limits of this key\n\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
        try await cancel(fixture.running(.waiting), fixture)
        let rest = second.receiveRest()
        #expect(rest.text.contains(#"data: {"error":{"#) && rest.text.contains(#""code":"request_cancelled""#))
        #expect(!rest.text.contains("\r\n0\r\n\r\n"))
        upstream.proceed()
        _ = first.receiveAll()
    }

    @Test func aRequestThatWaitsForAConnection() async throws {
        let upstream = try ScriptedServer([[.readRequest, .pause, .send(last("1")), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address) {
            $0.upstreamConnections = 1
            $0.client.connectTimeout = .seconds(60)
        }
        let first = try fixture.caller(sending: fixture.request(body: Self.chat))
        _ = try await fixture.running(.sent)
        let second = try fixture.caller(sending: fixture.request(body: Self.chat))
        try await cancel(fixture.running(.connecting), fixture)
        expectRefusal(try #require(second.receiveAll()))
        let record = try #require(fixture.usage.records.first)
        expectCancelled(record, status: 403)
        #expect(record.cost == .zero && record.exactness == .exact)
        upstream.proceed()
        #expect(body(of: try #require(first.receiveAll())) == "1")
    }

    /// The file of a new batch is read before the batch is judged.
    @Test func aBatchWhoseFileIsRead() async throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.own("in")
        fixture.objects.objects.withLock { $0["in"]?.lines = nil }
        let client = try fixture.caller(
            sending: fixture.request(
                "/v1/batches",
                body: #"{"input_file_id":"in","endpoint":"/v1/chat/completions","completion_window":"24h"}"#))
        upstream.awaitRequest()
        try await cancel(fixture.running(.reading), fixture)
        upstream.awaitEnd()
        expectRefusal(try #require(client.receiveAll()))
    }

    /// What the upstream creates is noted, or it would run there for nobody.
    @Test func aBatchThatIsCreatedGoesOn() async throws {
        let batch = #"{"id":"batch-9","object":"batch","status":"validating","input_file_id":"in"}"#
        let upstream = try ScriptedServer([
            [
                .readRequest, .pause,
                .send(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(batch.utf8.count)\r\n\r\n\(batch)"
                ), .close,
            ]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.own("in")
        let client = try fixture.caller(
            sending: fixture.request(
                "/v1/batches",
                body: #"{"input_file_id":"in","endpoint":"/v1/chat/completions","completion_window":"24h"}"#))
        let request = try await fixture.running(.sent)
        guard case .refused = await fixture.gateway.cancel(request.id) else {
            Issue.record("the creation is interrupted")
            return
        }
        upstream.proceed()
        #expect(try #require(client.receiveAll()).hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(fixture.objects.objects.withLock { $0["batch-9"] } != nil)
    }

    // MARK: Before the response

    @Test func aRequestWithoutAResponse() async throws {
        let upstream = try ScriptedServer([[.readRequest, .waitForEnd]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        let request = try await fixture.running(.sent)
        #expect(request.progress.map { $0.units.inputTokens > 0 } == true)
        #expect(request.progress?.units.outputTokens == 0 && request.tokensPerSecond == nil)
        try await cancel(request, fixture)
        upstream.awaitEnd()
        expectRefusal(try #require(client.receiveAll()))
        let record = try fixture.usage.only()
        expectCancelled(record, status: 403)
        #expect(record.units.inputTokens > 0 && record.exactness == .interrupted)
    }

    /// The upstream reads none of a body that no buffer holds.
    @Test(arguments: [1 << 10, 64 << 20]) func aRequestThatTheUpstreamDoesNotRead(memory: Int) async throws {
        let upstream = try ScriptedServer([[.read(100), .pause]])
        let fixture = try GatewayFixture(upstream: upstream.address) { $0.memoryBodyBytes = memory }
        let image = String(repeating: "QUJD", count: 8 << 20)
        let client = try fixture.caller(
            sending: fixture.request(
                body: #"{"model":"m","messages":[{"content":[{"image_url":{"url":"data:image/png;base64,"# + image
                    + #""}}]}]}"#))
        try await cancel(fixture.running(.sent), fixture)
        expectRefusal(try #require(client.receiveAll()))
        expectCancelled(try fixture.usage.only(), status: 403)
        upstream.proceed()
    }

    @Test(arguments: [
        ("/v1/chat/completions", "POST"), ("/v1/models", "GET"), ("/v1/models/m", "GET"),
    ]) func aDocumentThatHasNotBegun(path: String, method: String) async throws {
        let upstream = try ScriptedServer([[.readRequest, .send(Self.documentHead + "\r\n{\"id\""), .waitForEnd]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(
            sending: fixture.request(
                path, method: method, body: Self.chat,
                fields: method == "GET" && path.hasSuffix("/m") ? "anthropic-version: 2023-06-01\r\n" : ""))
        try await cancel(fixture.running(.answering), fixture)
        upstream.awaitEnd()
        expectRefusal(try #require(client.receiveAll()))
        expectCancelled(try fixture.usage.only(), status: 403)
    }

    // MARK: Within the response

    /// It must not look whole.
    @Test func aDocumentThatHasBegun() async throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.documentHead + "id: a\r\nbackend: {}\r\n\r\n{\"choices\":["), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        #expect(client.receive(through: "{\"choices\":[").hasPrefix("HTTP/1.1 200 OK\r\n"))
        try await cancel(fixture.running(.answering), fixture)
        upstream.awaitEnd()
        #expect(client.receiveAll()?.isEmpty != false)
        expectCancelled(try fixture.usage.only(), status: 200)
    }

    @Test func aStream() async throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.streamHead + Self.event("abcdefgh") + Self.event("ijklmnop")), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(sending: fixture.request(body: Self.stream))
        #expect(client.receive(through: "ijklmnop\"}}]}\n\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
        let request = try await fixture.running(.streaming)
        #expect(request.progress?.units.outputTokens == 2)
        #expect(request.progress.map { $0.cost > .zero } == true)
        #expect(request.tokensPerSecond.map { $0 > 0 } == true)
        #expect(request.age > .zero)
        try await cancel(request, fixture)
        upstream.awaitEnd()
        let rest = client.receiveRest()
        #expect(rest.text.contains(#"data: {"error":{"#) && rest.text.contains(#""code":"request_cancelled""#))
        #expect(!rest.text.contains("[DONE]") && !rest.text.hasSuffix("0\r\n\r\n"))
        let record = try fixture.usage.only()
        expectCancelled(record, status: 200)
        #expect(record.units.outputTokens == 2 && record.exactness == .interrupted)
    }

    @Test(arguments: Dialect.allCases) func aTranslatedStream(dialect: Dialect) async throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.streamHead + Self.event("abcdefgh")), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(
            sending: fixture.request(dialect.path, body: dialect.request(stream: true)))
        _ = client.receive(through: "abcdefgh")
        try await cancel(fixture.running(.streaming), fixture)
        upstream.awaitEnd()
        let rest = client.receiveRest()
        #expect(rest.text.contains(dialect == .responses ? "response.failed" : "event: error"))
        #expect(rest.text.contains("administrator"))
        #expect(!dialect.lastEvents.contains { rest.text.contains($0) })
        expectCancelled(try fixture.usage.only(), status: 200)
    }

    /// The wait is for the client, which reads nothing.
    @Test func aStreamWhoseClientIsBehind() async throws {
        let event = Self.event(String(repeating: "x", count: 60_000))
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.streamHead)] + (0..<400).map { _ in .send(event) } + [.waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(sending: fixture.request(body: Self.stream))
        let request = try await fixture.running(.streaming)
        var tokens: Int64 = -1
        // The stream stands still once all buffers are full.
        #expect(
            await eventually {
                try? await Task.sleep(for: .milliseconds(50))
                let now = await fixture.gateway.runningRequests().first?.progress?.units.outputTokens ?? 0
                defer { tokens = now }
                return now > 0 && now == tokens
            })
        try await cancel(request, fixture)
        expectCancelled(try fixture.usage.only(), status: 200)
        _ = client.receiveRest()
    }

    @Test func aStreamThatIsReadWithoutItsClient() async throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.streamHead + Self.event("abcdefgh")), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address) { $0.onDisconnect = .finish }
        do {
            let client = try fixture.caller(sending: fixture.request(body: Self.stream))
            _ = client.receive(through: "abcdefgh")
            client.reset()
        }
        try await cancel(fixture.running(.draining), fixture)
        upstream.awaitEnd()
        let record = try fixture.usage.only()
        expectCancelled(record, status: 200)
        #expect(record.units.outputTokens == 1)
    }

    @Test func aWebSocket() async throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(UpgradeTests.agreement + "content-length: 0\r\n\r\n"), .collect]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try fixture.caller(
            sending: UpgradeTests.request(fixture, "/v1/realtime?model=voxtral", UpgradeTests.handshake))
        #expect(client.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        let request = try await fixture.running(.tunnel)
        #expect(request.endpoint == "realtime" && request.model == "voxtral")
        // The test itself blocks its thread.
        let cancelled = Task { [gateway = fixture.gateway] in await gateway.cancel(request.id) }
        let frame = client.receive(4) ?? []
        #expect(frame.prefix(4) == [0x88, frame.count > 1 ? frame[1] : 0, 0x03, 0xF0], "a close frame with 1008")
        #expect(client.receive(through: "request_cancelled: ").hasSuffix("request_cancelled: "))
        client.reset()
        guard case .ended(let ended) = await cancelled.value, ended.state == .tunnel else {
            Issue.record("the tunnel has not ended")
            return
        }
        let record = try fixture.usage.only()
        expectCancelled(record, status: 101)
        #expect(record.units.audioMinutes == 1)
    }

    // MARK: The list

    @Test func requestsAreListedByAgeUntilTheyAreSettled() async throws {
        let upstream = try ScriptedServer(
            (0..<5).map { _ in [.readRequest, .pause, .send(last("1")), .close] }, isConcurrent: true)
        let fixture = try GatewayFixture(upstream: upstream.address)
        #expect(await fixture.gateway.runningRequests().isEmpty)
        var clients: [RawClient] = []
        for number in 1...5 {
            clients.append(try fixture.caller(sending: fixture.request(body: Self.chat)))
            #expect(await eventually { await fixture.gateway.runningRequests().count == number })
        }
        let requests = await fixture.gateway.runningRequests()
        #expect(requests.map(\.id) == requests.map(\.id).sorted())
        #expect(Set(requests.map(\.id)).count == 5)
        // Those in the middle, the first and the last leave: the others stay.
        for index in [2, 0, 4] { try await cancel(requests[index], fixture) }
        #expect(await fixture.gateway.runningRequests().map(\.id) == [requests[1].id, requests[3].id])
        for _ in 0..<5 { upstream.proceed() }
        for client in clients { _ = client.receiveAll() }
        #expect(await eventually { await fixture.gateway.runningRequests().isEmpty })
    }

    @Test func anUnknownRequestIsNotEnded() async throws {
        let fixture = try GatewayFixture(upstream: try ScriptedServer([]).address)
        #expect(await fixture.gateway.cancel(RequestID(high: 1, low: 2)) == nil)
    }

    /// A request that has ended is its connection's past: the next one on it is another.
    @Test func theConnectionServesOn() async throws {
        let upstream = try ScriptedServer([[.readRequest, .send(http("1")), .readRequest, .send(last("2")), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let client = try RawClient(to: fixture.address)
        let kept = fixture.request(body: Self.chat).replacing("connection: close\r\n", with: "")
        client.send(kept)
        #expect(client.receive(through: "\r\n\r\n1").hasSuffix("1"))
        #expect(await fixture.gateway.runningRequests().isEmpty)
        client.send(fixture.request(body: Self.chat))
        #expect(body(of: try #require(client.receiveAll())) == "2")
    }
}
