import Loopback
import SeededRandom
import Testing
import Transport

@testable import HTTPClient

/// Reuse of connections, their bound, and the queue for them.
@Suite(.ownThread) struct ConnectionPoolTests {
    private static let hello = ClientFixture.hello

    /// A server that answers `count` requests on each of its connections.
    private func answering(
        _ count: Int, connections: Int, isConcurrent: Bool = false
    ) throws -> ScriptedServer {
        let exchange: [ScriptedServer.Step] = [.readRequest, .send(Self.hello)]
        let script = (0..<count).flatMap { _ in exchange } + [.waitForEnd]
        return try ScriptedServer((0..<connections).map { _ in script }, isConcurrent: isConcurrent)
    }

    private func paths(_ server: ScriptedServer) -> [String] {
        server.requests.withLock { $0 }.map { String($0.split(separator: " ")[1]) }
    }

    // MARK: Reuse

    @Test func aConnectionIsUsedAgain() async throws {
        let server = try answering(3, connections: 1)
        try await ClientFixture.run(server) { fixture in
            for _ in 0..<3 {
                try #expect(await fixture.get() == "hello")
                #expect(fixture.idle == 1)
                #expect(fixture.open == 1)
            }
        }
        #expect(server.acceptedCount == 1)
    }

    /// Each of the server's connections answers with its own number.
    @Test func theConnectionThatWasUsedLastIsUsedFirst() async throws {
        let server = try ScriptedServer(
            (0..<2).map { number in
                let response = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n\(number)"
                return [.readRequest, .send(response), .readRequest, .send(response), .waitForEnd]
            }, isConcurrent: true)
        try await ClientFixture.run(server) { fixture in
            let first = try await fixture.client.send(.get())
            let second = try await fixture.client.send(.get())
            try #expect(await fixture.text(of: first) == "0")
            try #expect(await fixture.text(of: second) == "1")
            #expect(fixture.idle == 2)
            try #expect(await fixture.get() == "1")
        }
        #expect(server.acceptedCount == 2)
    }

    @Test func aConnectionThatTheServerClosedWhileIdleIsForgotten() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .close], [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await ClientFixture.run(server) { fixture in
            try #expect(await fixture.post() == "hello")
            #expect(await eventually { fixture.idle == 0 })
            #expect(fixture.open == 0, "closed while no task waited for it")
            try #expect(await fixture.post() == "hello")
        }
        #expect(server.requests.withLock { $0.count } == 2)
    }

    @Test func aConnectionOnWhichTheServerTalksUnaskedIsForgotten() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .pause, .send("HTTP/1.1 408 Request Timeout\r\n\r\n"), .waitForEnd],
            [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await ClientFixture.run(server) { fixture in
            try #expect(await fixture.get() == "hello")
            server.proceed()
            #expect(await eventually { fixture.open == 0 })
            try #expect(await fixture.get() == "hello")
        }
        #expect(server.acceptedCount == 2)
    }

    /// Bytes after a response would be read as the response to the next request.
    @Test func aConnectionWithBytesAfterTheResponseIsNotKept() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.hello + "HTTP/1.1 200 OK\r\n\r\n"), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            try #expect(await fixture.get() == "hello")
            #expect(await eventually { fixture.open == 0 })
        }
    }

    @Test func closingEndsIdleConnectionsNowAndOthersAfterTheirExchange() async throws {
        let server = try answering(1, connections: 2, isConcurrent: true)
        try await ClientFixture.run(server) { fixture in
            let busy = try await fixture.client.send(.get())
            try #expect(await fixture.get() == "hello")
            #expect(fixture.open == 2)
            fixture.client.close()
            #expect(fixture.open == 1)
            #expect(fixture.idle == 0)
            try #expect(await fixture.text(of: busy) == "hello")
            #expect(fixture.open == 0)
        }
    }

    // MARK: The bound

    @Test func requestsOfTheSameMomentShareTheBound() async throws {
        let server = try answering(20, connections: 20, isConcurrent: true)
        try await ClientFixture.run(server, connections: 1) { fixture in
            let responses = try (0..<5).map { try fixture.startGet("/\($0)", for: fixture.clientSocket().client) }
            for response in responses { #expect(await response.value == .success("hello")) }
            #expect(fixture.open == 1)
        }
        #expect(server.acceptedCount == 1)
    }

    @Test(arguments: 0..<4) func theBoundHoldsAtEveryMoment(seed: Int) async throws {
        let bound = 3
        let server = try answering(200, connections: 64, isConcurrent: true)
        try await ClientFixture.run(server, connections: bound) { fixture in
            var random = SeededGenerator(seed: UInt64(seed))
            var responses: [Task<Result<String, ClientError>, Never>] = []
            for _ in 0..<60 {
                let (client, peer) = try fixture.clientSocket()
                responses.append(fixture.startGet(for: client))
                if random.once(in: 8) { peer.close() }
                if random.once(in: 3) { await Task.yield() }
                #expect(fixture.open <= bound)
                #expect(fixture.idle <= fixture.open)
            }
            for response in responses {
                let result = await response.value
                #expect(result == .success("hello") || result == .failure(.clientGone))
                #expect(fixture.open <= bound)
            }
            #expect(fixture.idle == fixture.open)
        }
    }

    // MARK: The queue

    @Test func waitersAreServedInOrder() async throws {
        let server = try answering(10, connections: 1)
        try await ClientFixture.run(server, connections: 1) { fixture in
            let responses = try (0..<10).map { try fixture.startGet("/\($0)", for: fixture.clientSocket().client) }
            for response in responses { #expect(await response.value == .success("hello")) }
        }
        #expect(paths(server) == (0..<10).map { "/\($0)" })
    }

    @Test func aLaterRequestDoesNotOvertakeAWaiter() async throws {
        let server = try answering(3, connections: 1)
        try await ClientFixture.run(server, connections: 1) { fixture in
            let exchange = try await fixture.client.send(.get("/first"))
            _ = try await exchange.wholeBody(limit: 100)
            let waiter = try fixture.startGet("/waiter", for: fixture.clientSocket().client)
            await Task.yield()
            // The waiter has the connection from here, though it runs only after the next suspension.
            exchange.end()
            let late = try fixture.clientSocket().client
            try #expect(await fixture.get("/late", for: late) == "hello")
            #expect(await waiter.value == .success("hello"))
        }
        #expect(paths(server) == ["/first", "/waiter", "/late"])
    }

    @Test func aWaiterThatHasLeftPassesItsTurnOn() async throws {
        let server = try ScriptedServer([
            [.readRequest, .pause, .send(Self.hello), .readRequest, .send(Self.hello), .waitForEnd]
        ])
        try await ClientFixture.run(server, connections: 1) { fixture in
            let first = fixture.startGet("/first", for: try fixture.clientSocket().client)
            #expect(await eventually { server.requests.withLock { $0.count } == 1 })
            let (leaving, peer) = try fixture.clientSocket()
            let second = fixture.startGet("/second", for: leaving)
            let third = fixture.startGet("/third", for: try fixture.clientSocket().client)
            await Task.yield()
            // In one round of the loop: the connection becomes free, and the first waiter's client leaves.
            server.proceed()
            Self.blockForAMoment()
            peer.close()
            #expect(await first.value == .success("hello"))
            #expect(await second.value == .failure(.clientGone))
            #expect(await third.value == .success("hello"))
        }
        #expect(paths(server) == ["/first", "/third"])
    }

    /// Blocks the loop, so that what happens meanwhile is seen in one round. The test holds for any order of events.
    private static func blockForAMoment() { Thread.sleep(milliseconds: 20) }

    @Test func aRequestWithoutAClientDoesNotWait() async throws {
        let server = try answering(1, connections: 1)
        try await ClientFixture.run(server, connections: 1) { fixture in
            let exchange = try await fixture.client.send(.get())
            await #expect(throws: ClientError.exhausted) { try await fixture.get() }
            exchange.end()
        }
    }

    @Test func anInterruptedWaiterGivesUp() async throws {
        let server = try answering(2, connections: 1)
        try await ClientFixture.run(server, connections: 1) { fixture in
            let exchange = try await fixture.client.send(.get("/first"))
            let client = try fixture.clientSocket().client
            let waiter = fixture.startGet("/waiter", for: client)
            await Task.yield()
            client.interrupt()
            #expect(await waiter.value == .failure(.clientGone))
            _ = try await fixture.text(of: exchange)
            try #expect(await fixture.get("/next") == "hello")
        }
        #expect(paths(server) == ["/first", "/next"])
    }

    /// A retry needs a new connection: at the bound it takes the place of an idle one.
    @Test func aRetryAtTheBoundOpensANewConnection() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .readRequest, .reset],
            [.readRequest, .send(Self.hello), .waitForEnd],
            [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await ClientFixture.run(server, connections: 1) { fixture in
            try #expect(await fixture.get("/first") == "hello")
            let retried = fixture.startGet("/retried", for: try fixture.clientSocket().client)
            let waiter = fixture.startGet("/waiter", for: try fixture.clientSocket().client)
            #expect(await retried.value == .success("hello"))
            #expect(await waiter.value == .success("hello"))
            #expect(fixture.open == 1)
        }
        #expect(paths(server) == ["/first", "/retried", "/waiter", "/retried"])
    }

    @Test func aConnectionThatCannotBeOpenedFreesItsPlace() async throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let port = listener.address.port
        _ = consume listener
        var limits = ClientLimits()
        limits.retries = 0
        try await ClientFixture.run(port: port, limits: limits, connections: 1) { fixture in
            let responses = try (0..<3).map { _ in fixture.startGet(for: try fixture.clientSocket().client) }
            for response in responses {
                guard case .failure(.unreachable) = await response.value else {
                    Issue.record("each waiter must try for itself")
                    continue
                }
            }
            #expect(fixture.open == 0)
        }
    }
}
