import Loopback
import ManualTime
import Testing
import Transport

@testable import HTTPClient

/// Timeouts of a client, with a clock that the tests step: none depends on the machine's speed.
@Suite(.ownThread) struct ClientTimeoutTests {
    private static let hello = ClientFixture.hello
    private let clock = ManualTime()

    /// Waits until `server` has read `count` requests, and the client's tasks have reached their next wait.
    private static func awaitRequests(_ count: Int, _ server: ScriptedServer, _ fixture: ClientFixture) async {
        #expect(await eventually { server.requests.withLock { $0.count } == count })
        await fixture.loop.settle()
    }

    @Test(arguments: ["", "HTTP/1.1 200"]) func silenceBeforeTheResponseTimesOut(beginning: String) async throws {
        let server = try ScriptedServer([[.readRequest, .send(beginning), .waitForEnd]])
        let clock = clock
        try await ClientFixture.run(server, clock: clock) { fixture in
            let response = fixture.startGet()
            await Self.awaitRequests(1, server, fixture)
            clock.advance(by: .milliseconds(299_999))
            await fixture.loop.settle()
            #expect(fixture.open == 1)
            clock.advance(by: .milliseconds(1))
            #expect(await response.value == .failure(.timedOut))
            #expect(fixture.open == 0)
        }
    }

    @Test func silenceWithinTheBodyTimesOut() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(ClientFixture.chunked + "1\r\na\r\n"), .pause, .send("1\r\nb\r\n"), .waitForEnd]
        ])
        let clock = clock
        try await ClientFixture.run(server, clock: clock) { fixture in
            let exchange = try await fixture.client.send(.get())
            let sink = RecordingSink()
            nonisolated(unsafe) let (reading, receiver) = (exchange, sink)  // used on the fixture's loop alone
            let outcome = Task(executorPreference: fixture.loop) { () -> ClientError? in
                do throws(ClientError) {
                    _ = try await reading.readBody(into: receiver)
                    return nil
                } catch { return error }
            }
            #expect(await eventually { sink.pieces == ["a"] })
            await fixture.loop.settle()
            clock.advance(by: .seconds(119))
            await fixture.loop.settle()
            // Each piece starts the time anew.
            server.proceed()
            #expect(await eventually { sink.pieces == ["a", "b"] })
            await fixture.loop.settle()
            clock.advance(by: .seconds(119))
            await fixture.loop.settle()
            #expect(fixture.open == 1)
            clock.advance(by: .seconds(1))
            #expect(await outcome.value == .timedOut)
            exchange.end()
            #expect(fixture.open == 0)
        }
    }

    @Test func aServerThatDoesNotReadTimesOut() async throws {
        let server = try ScriptedServer([[.pause]])
        let clock = clock
        try await ClientFixture.run(server, clock: clock) { fixture in
            let request = ClientRequest(
                head: Array("PUT / HTTP/1.1\r\ncontent-length: 33554432\r\n\r\n".utf8),
                body: .bytes([UInt8](repeating: 1, count: 32 << 20)), isIdempotent: true)
            let client = fixture.client
            nonisolated(unsafe) let (shared, sent) = (client, request)  // used on the fixture's loop alone
            let outcome = Task(executorPreference: fixture.loop) { () -> ClientError? in
                do throws(ClientError) {
                    try await shared.send(sent).end()
                    return nil
                } catch { return error }
            }
            #expect(await eventually { server.acceptedCount == 1 })
            // Until the buffers are full.
            #expect(
                await eventually {
                    clock.advance(by: .seconds(60)); return fixture.open == 0
                })
            #expect(await outcome.value == .timedOut)
            server.proceed()
        }
    }

    @Test func anIdleConnectionIsClosedInTime() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.hello), .waitForEnd]])
        let clock = clock
        try await ClientFixture.run(server, clock: clock) { fixture in
            try #expect(await fixture.get() == "hello")
            clock.advance(by: .milliseconds(29_999))
            await fixture.loop.settle()
            #expect(fixture.idle == 1)
            clock.advance(by: .milliseconds(1))
            await fixture.loop.settle()
            #expect(fixture.idle == 0)
            #expect(fixture.open == 0)
        }
    }

    @Test func aRequestStartsTheIdleTimeAnew() async throws {
        let exchange: [ScriptedServer.Step] = [.readRequest, .send(Self.hello)]
        let server = try ScriptedServer([exchange + exchange + exchange + [.waitForEnd]])
        let clock = clock
        try await ClientFixture.run(server, clock: clock) { fixture in
            for _ in 0..<3 {
                try #expect(await fixture.get() == "hello")
                clock.advance(by: .seconds(29))
                await fixture.loop.settle()
                #expect(fixture.idle == 1)
            }
        }
    }

    @Test func aWaiterGivesUpInTime() async throws {
        var limits = ClientLimits()
        limits.connections = 1
        let server = try ScriptedServer([
            [.readRequest, .pause, .send(Self.hello), .readRequest, .send(Self.hello), .waitForEnd]
        ])
        let clock = clock
        try await ClientFixture.run(server, limits: limits, clock: clock) { fixture in
            let first = fixture.startGet("/first")
            await Self.awaitRequests(1, server, fixture)
            let second = fixture.startGet("/second", for: try fixture.clientSocket().client)
            await fixture.loop.settle()
            clock.advance(by: .seconds(5))
            #expect(await second.value == .failure(.exhausted))
            server.proceed()
            #expect(await first.value == .success("hello"))
            try #expect(await fixture.get("/third", for: fixture.clientSocket().client) == "hello")
        }
        #expect(server.requests.withLock { $0.count } == 2)
    }
}
