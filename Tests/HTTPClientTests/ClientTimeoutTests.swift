import Loopback
import ManualTime
import Synchronization
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
            clock.advance(by: .seconds(299))
            await fixture.loop.settle()
            // Each piece starts the time anew.
            server.proceed()
            #expect(await eventually { sink.pieces == ["a", "b"] })
            await fixture.loop.settle()
            clock.advance(by: .seconds(299))
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

    // MARK: Age

    private static var keptLong: ClientLimits {
        var limits = ClientLimits()
        limits.keepAlive = .seconds(3600)
        return limits
    }

    private static let twice: [ScriptedServer.Step] = [.readRequest, .send(hello), .readRequest, .send(hello)]

    @Test func anIdleConnectionIsClosedAtItsAge() async throws {
        let server = try ScriptedServer([Self.twice + [.waitForEnd], Self.twice + [.waitForEnd]])
        let clock = clock
        try await ClientFixture.run(server, limits: Self.keptLong, clock: clock) { fixture in
            try #expect(await fixture.get() == "hello")
            clock.advance(by: .milliseconds(299_999))
            await fixture.loop.settle()
            try #expect(await fixture.get() == "hello")
            #expect(fixture.idle == 1)
            clock.advance(by: .milliseconds(1))
            await fixture.loop.settle()
            #expect(fixture.open == 0)
            try #expect(await fixture.get() == "hello")
        }
        #expect(server.acceptedCount == 2)
    }

    /// The exchange goes on to its end.
    @Test func aConnectionInUseIsClosedAtItsReturn() async throws {
        let server = try ScriptedServer([[.readRequest, .pause, .send(Self.hello), .waitForEnd]])
        let clock = clock
        try await ClientFixture.run(server, limits: Self.keptLong, clock: clock) { fixture in
            let response = fixture.startGet()
            await Self.awaitRequests(1, server, fixture)
            clock.advance(by: .seconds(299))
            await fixture.loop.settle()
            server.proceed()
            #expect(await eventually { fixture.idle == 1 })
            #expect(await response.value == .success("hello"))
        }
        let late = try ScriptedServer([[.readRequest, .send(ClientFixture.chunked), .pause, .send("0\r\n\r\n")]])
        var limits = Self.keptLong
        limits.idleTimeout = .seconds(3600)
        try await ClientFixture.run(late, limits: limits, clock: clock) { fixture in
            let exchange = try await fixture.client.send(.get())
            clock.advance(by: .seconds(301))
            await fixture.loop.settle()
            late.proceed()
            try #expect(await fixture.text(of: exchange) == "")
            #expect(fixture.open == 0)
        }
    }

    /// The name gets another address while requests come all the time.
    @Test func aChangeOfTheNameIsFollowed() async throws {
        let old = try ScriptedServer([Self.twice + Self.twice + [.waitForEnd]])
        let new = try ScriptedServer([Self.twice + [.waitForEnd]])
        let name = Mutex(old.address)
        let resolver = Resolver { host, _ in
            host == "upstream.test" ? .success([name.withLock { $0 }]) : .failure(.unknownHost(host, "no"))
        }
        let shared = SharedClientState(connections: 8, resolver: resolver)
        let target = ClientTarget(Origin(host: "upstream.test", port: 80, isSecure: false), context: nil)
        let clock = clock
        try await ClientFixture.run(target, limits: Self.keptLong, shared: shared, clock: clock) { fixture in
            try #expect(await fixture.get() == "hello")
            name.withLock { $0 = new.address }
            for _ in 0..<4 {
                clock.advance(by: .seconds(90))
                await fixture.loop.settle()
                try #expect(await fixture.get() == "hello")
            }
        }
        let requests = [old, new].map { server in server.requests.withLock { $0.filter { !$0.isEmpty }.count } }
        #expect(requests == [4, 1])
    }

    @Test func aWaiterGivesUpInTime() async throws {
        let server = try ScriptedServer([
            [.readRequest, .pause, .send(Self.hello), .readRequest, .send(Self.hello), .waitForEnd]
        ])
        let clock = clock
        try await ClientFixture.run(server, connections: 1, clock: clock) { fixture in
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
