import Clocks
import Loopback
import Policy
import Testing

@testable import Gateway

/// Clients that leave within a response, and those that have closed their sending half alone: nobody can tell them apart
/// before bytes go to them.
@Suite struct DisconnectTests {
    private static let chat = RequestPipelineTests.chat
    private static let completion = RequestPipelineTests.completion
    private static let head =
        "HTTP/1.1 200 OK\r\nid: a\r\nbackend: {}\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    private static let done = chunk("data: [DONE]\n\n")

    private static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }
    private static func delta(_ text: String) -> String {
        chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\(text)\"}}]}\n\n")
    }

    private func fixture(
        _ upstream: ScriptedServer, _ onDisconnect: OnDisconnect = .cancel, grace: Duration = .milliseconds(1)
    ) throws -> GatewayFixture {
        try GatewayFixture(upstream: upstream.address) { options in
            options.onDisconnect = onDisconnect
            options.client.probeGrace = grace
        }
    }

    // MARK: Clients that leave

    @Test func cancelIsTheDefault() throws {
        let upstream = try ScriptedServer([[.readRequest, .waitForEnd]])
        #expect(try GatewayFixture(upstream: upstream.address).gateway.snapshot.options.onDisconnect == .cancel)
    }

    /// The upstream is stopped, although it says nothing more that could be written to the client.
    @Test(arguments: [false, true]) func theUpstreamStopsWithTheClient(resets: Bool) throws {
        let upstream = try ScriptedServer([[.readRequest, .send(Self.head + Self.delta("abcdefgh")), .waitForEnd]])
        let fixture = try fixture(upstream)
        do {
            let client = try fixture.caller(sending: fixture.request(body: Self.chat))
            #expect(client.receive(through: "\n\n\r\n").contains("abcdefgh"))
            if resets { client.reset() }
        }
        upstream.awaitEnd()
        let record = try fixture.usage.only()
        #expect(record.ending == .clientGone)
        #expect(record.exactness == .interrupted)
        #expect(record.units.outputTokens == 1)
    }

    @Test func theUpstreamStopsBeforeItsFirstByte() throws {
        let upstream = try ScriptedServer([[.readRequest, .waitForEnd]])
        let fixture = try fixture(upstream)
        do {
            let client = try fixture.caller(sending: fixture.request(body: Self.chat))
            upstream.awaitRequest()
            _ = client
        }
        upstream.awaitEnd()
        let record = try fixture.usage.only()
        #expect(record.ending == .clientGone)
        #expect(record.status == 499)
        #expect(record.units.inputTokens > 0)
    }

    /// Between the upstream's head and the first byte of a document.
    @Test func theUpstreamStopsBeforeTheFirstByteOfItsBody() throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n"),
                .waitForEnd,
            ]
        ])
        let fixture = try fixture(upstream)
        do {
            let client = try fixture.caller(sending: fixture.request(body: Self.chat))
            upstream.awaitRequest()
            _ = client
        }
        upstream.awaitEnd()
        #expect(try fixture.usage.only().ending == .clientGone)
    }

    // MARK: Clients that have closed their sending half

    @Test(arguments: OnDisconnect.allCases) func aHalfClosedClientGetsItsWholeStream(onDisconnect: OnDisconnect) throws
    {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.head + Self.delta("a")), .pause,
                .send(Self.delta("b") + Self.done + "0\r\n\r\n"),
                .waitForEnd,
            ]
        ])
        let fixture = try fixture(upstream, onDisconnect, grace: .seconds(60))
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        #expect(client.receive(through: "\n\n\r\n").contains("a"))
        client.finishSending()
        upstream.proceed()
        let rest = try #require(client.receiveAll())
        #expect(rest.contains(#""content":"b""#))
        #expect(rest.hasSuffix("data: [DONE]\n\n\r\n0\r\n\r\n"))
        #expect(!rest.contains("keep-alive"))
        #expect(try fixture.usage.only().ending == .complete)
    }

    /// In silence it is probed: a comment, which every reader skips, and which an event stream has anyway.
    @Test func aHalfClosedClientIsProbedOnceInSilence() throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.head + Self.delta("a")), .pause, .send(Self.done + "0\r\n\r\n"), .waitForEnd,
            ]
        ])
        let fixture = try fixture(upstream)
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        #expect(client.receive(through: "\n\n\r\n").contains("a"))
        client.finishSending()
        let comment = Self.chunk(": keep-alive\n\n")
        #expect(client.receive(count: comment.utf8.count) == comment)
        upstream.proceed()
        #expect(try #require(client.receiveAll()) == Self.done + "0\r\n\r\n")
        #expect(try fixture.usage.only().ending == .complete)
    }

    @Test(arguments: OnDisconnect.allCases)
    func aHalfClosedClientGetsAResponseThatComesSoonAsItIs(onDisconnect: OnDisconnect) throws {
        let upstream = try ScriptedServer([[.readRequest, .pause, .send(http(Self.completion)), .waitForEnd]])
        let fixture = try fixture(upstream, onDisconnect, grace: .seconds(60))
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        client.finishSending()
        upstream.awaitRequest()
        upstream.proceed()
        let answer = try #require(client.receiveAll())
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.hasSuffix(Self.completion))
        #expect(try fixture.usage.only().ending == .complete)
    }

    /// Before a response it is probed with an interim one, which it discards (RFC 9110, section 15.2.1).
    @Test func aHalfClosedClientIsProbedOnceBeforeTheResponse() throws {
        let upstream = try ScriptedServer([[.readRequest, .pause, .send(http(Self.completion)), .waitForEnd]])
        let fixture = try fixture(upstream)
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        client.finishSending()
        #expect(client.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        upstream.proceed()
        let answer = try #require(client.receiveAll())
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.hasSuffix(Self.completion))
        #expect(try fixture.usage.only().ending == .complete)
    }

    /// HTTP/1.0 has no interim responses (RFC 9110, section 15.2).
    @Test func aClientOfHTTP10GetsNoInterimResponse() throws {
        let upstream = try ScriptedServer([[.readRequest, .pause, .send(http(Self.completion)), .waitForEnd]])
        let fixture = try fixture(upstream)
        let client = try fixture.caller(
            sending: fixture.request(body: Self.chat).replacing(" HTTP/1.1\r\n", with: " HTTP/1.0\r\n"))
        client.finishSending()
        upstream.awaitRequest()
        upstream.proceed()
        #expect(try #require(client.receiveAll()).hasPrefix("HTTP/1.1 200 "))
    }

    /// A client that stops reading at [DONE] has had everything, whatever the upstream does with the connection.
    @Test func aStreamThatHasSaidThatItIsCompleteEndsWithItsClient() throws {
        let upstream = try ScriptedServer([[.readRequest, .send(Self.head + Self.delta("a") + Self.done), .waitForEnd]])
        let fixture = try fixture(upstream)
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        _ = client.receive(through: "[DONE]\n\n\r\n")
        client.finishSending()
        #expect(client.receiveAll() == "0\r\n\r\n")
        upstream.awaitEnd()
        #expect(try fixture.usage.only().ending == .complete)
    }
}
