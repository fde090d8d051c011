import Clocks
import Loopback
import ManualTime
import Policy
import Synchronization
import Testing
import Transport

@testable import Gateway

/// Streams of which nothing comes for a while.
@Suite(.ownThread) struct RelaySilenceTests {
    private static let chat = #"{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}"#
    private static let head =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    private static let event =
        "data: {\"id\":\"chatcmpl-7\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"
    private static let done = "data: [DONE]\n\n"

    private static func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n" }

    private let clock = ManualTime()

    private func fixture(_ upstream: ScriptedServer, keepalive: Duration = .zero) throws -> GatewayFixture {
        try GatewayFixture(upstream: upstream.address, clock: clock) { options in
            options.streamKeepalive = keepalive
            options.client.firstByteTimeout = .seconds(300)
            options.client.idleTimeout = .seconds(100)
        }
    }

    /// Runs `body` while the time passes, in steps of a quarter of a second.
    private func whileTimePasses<Result>(_ body: () throws -> Result) rethrows -> Result {
        let isDone = Flag()
        defer { isDone.value.store(true, ordering: .relaxed) }
        Thread.start { [clock] in
            for _ in 0..<2000 where !isDone.value.load(ordering: .relaxed) {
                clock.advance(by: .milliseconds(250))
                Thread.sleep(milliseconds: 2)
            }
        }
        return try body()
    }

    private final class Flag: Sendable {
        let value = Atomic<Bool>(false)
    }

    @Test func theHeadLeavesBeforeTheFirstEventAndCommentsPass() throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.head + Self.chunk(": processing\n\n")), .pause,
                .send(Self.chunk(": still\n\n")), .pause,
                .send(Self.chunk(Self.event) + Self.chunk(Self.done) + "0\r\n\r\n"), .waitForEnd,
            ]
        ])
        let fixture = try fixture(upstream)
        let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
        let text = whileTimePasses { caller.receive(through: ": processing\n\n\r\n") }
        #expect(text.hasPrefix("HTTP/1.1 200 "))
        #expect(text.contains("\r\nbackend: {\"engine_type\":\"propylon\""))
        upstream.proceed()
        #expect(caller.receive(through: ": still\n\n\r\n").hasSuffix(Self.chunk(": still\n\n")))
        upstream.proceed()
        #expect(try #require(caller.receiveAll()).hasSuffix("0\r\n\r\n"))
    }

    @Test func aSilentStreamGetsComments() throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.head + Self.chunk(Self.event)), .pause,
                .send(Self.chunk(Self.done) + "0\r\n\r\n"), .waitForEnd,
            ]
        ])
        let fixture = try fixture(upstream, keepalive: .seconds(15))
        let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
        #expect(caller.receive(through: Self.chunk(Self.event)).contains("chatcmpl-7"))
        let started = clock.monotonic
        let comment = Self.chunk(": keep-alive\n\n")
        #expect(whileTimePasses { caller.receive(through: comment + comment) } == comment + comment)
        #expect(clock.monotonic - started >= .seconds(29))
        upstream.proceed()
        #expect(try #require(caller.receiveAll()).hasSuffix(Self.chunk(Self.done) + "0\r\n\r\n"))
        #expect(try fixture.usage.only().ending == .complete)
    }

    @Test func theFirstEventMayComeLaterThanTheIdleTimeout() async throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.head), .pause,
                .send(Self.chunk(Self.event) + Self.chunk(Self.done) + "0\r\n\r\n"), .waitForEnd,
            ]
        ])
        let fixture = try fixture(upstream)
        let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
        #expect(whileTimePasses { caller.receive(through: "\r\n\r\n") }.hasPrefix("HTTP/1.1 200 "))
        await fixture.loop.settle()
        clock.advance(by: .seconds(150))
        await fixture.loop.settle()
        upstream.proceed()
        #expect(try #require(caller.receiveAll()).hasSuffix("0\r\n\r\n"))
    }

    @Test(arguments: [false, true]) func theFirstEventIsNotWaitedForForEver(hasComments: Bool) async throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.head), .pause, .send(hasComments ? Self.chunk(": wait\n\n") : ""), .waitForEnd,
            ]
        ])
        let fixture = try fixture(upstream)
        let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
        #expect(whileTimePasses { caller.receive(through: "\r\n\r\n") }.hasPrefix("HTTP/1.1 200 "))
        upstream.proceed()
        if hasComments { #expect(caller.receive(through: ": wait\n\n\r\n").contains("wait")) }
        await fixture.loop.settle()
        clock.advance(by: .seconds(300))
        let (text, _) = caller.receiveRest()
        #expect(text.contains(#""code":"upstream_interrupted""#))
        #expect(!text.hasSuffix("0\r\n\r\n"))
        #expect(try fixture.usage.only().ending == .upstreamTimeout)
    }
}
