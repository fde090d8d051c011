import Loopback
import SeededRandom
import Testing
import Transport

@testable import HTTPClient

/// One bound for the clients of several loops.
@Suite(.ownThread) struct ConnectionBudgetTests {
    private static let hello = ClientFixture.hello

    private static func answering(_ connections: Int) throws -> ScriptedServer {
        let exchange: [ScriptedServer.Step] = [.readRequest, .send(hello)]
        let script = (0..<200).flatMap { _ in exchange } + [.waitForEnd]
        return try ScriptedServer((0..<connections).map { _ in script }, isConcurrent: true)
    }

    private static func target(_ server: ScriptedServer) -> ClientTarget {
        ClientTarget(Origin(host: "127.0.0.1", port: server.address.port, isSecure: false), context: nil)
    }

    @Test(arguments: [1, 2, 5]) func theBoundHoldsOverAllLoops(bound: Int) async throws {
        let server = try Self.answering(600)
        let shared = SharedClientState(connections: bound)
        let target = Self.target(server)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                group.addTask {
                    try await ClientFixture.run(target, shared: shared) { fixture in
                        try await Self.load(fixture, shared.budget, bound: bound, seed: number)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await eventually { shared.budget.open == 0 })
    }

    private static func load(
        _ fixture: ClientFixture, _ budget: ConnectionBudget, bound: Int, seed: Int
    ) async throws {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<4 {
            var responses: [Task<Result<String, ClientError>, Never>] = []
            for _ in 0..<15 {
                let (client, peer) = try fixture.clientSocket()
                responses.append(fixture.startGet(for: client))
                if random.once(in: 6) { peer.close() }
                if random.once(in: 3) { await Task.yield() }
                #expect(budget.open <= bound)
            }
            for response in responses {
                let result = await response.value
                #expect(result == .success("hello") || result == .failure(.clientGone))
                #expect(budget.open <= bound)
            }
        }
    }

    /// A connection that idles on one loop is closed for a request on another one.
    @Test func anIdleConnectionOfAnotherLoopGivesItsPlace() async throws {
        let server = try Self.answering(4)
        let shared = SharedClientState(connections: 1)
        let target = Self.target(server)
        try await ClientFixture.run(target, shared: shared) { first in
            try #expect(await first.get() == "hello")
            #expect(first.idle == 1)
            try await ClientFixture.run(target, shared: shared) { second in
                try #expect(await second.get("/", for: second.clientSocket().client) == "hello")
            }
            #expect(await eventually { first.open == 0 })
            try #expect(await first.get("/", for: first.clientSocket().client) == "hello")
        }
        #expect(server.acceptedCount == 3)
    }

    /// A budget outlasts its clients where the configuration changes, and does not keep them.
    @Test func aClientThatEndsLeavesTheBudget() async throws {
        let server = try Self.answering(1)
        let shared = SharedClientState(connections: 1)
        let gauges = WeakGauges()
        try await ClientFixture.run(Self.target(server), shared: shared) { fixture in
            try #expect(await fixture.get() == "hello")
            gauges.value = fixture.client.gauges
            #expect(gauges.value != nil)
        }
        #expect(await eventually { gauges.value == nil })
    }

    private final class WeakGauges: @unchecked Sendable {
        weak var value: PoolGauges?
    }

    @Test func aHigherLimitServesAWaiterOfAnyLoop() async throws {
        let server = try Self.answering(4)
        let shared = SharedClientState(connections: 1)
        try await ClientFixture.run(Self.target(server), shared: shared) { fixture in
            let busy = try await fixture.client.send(.get())
            let waiter = fixture.startGet(for: try fixture.clientSocket().client)
            await Task.yield()
            shared.budget.setLimit(2)
            #expect(await waiter.value == .success("hello"))
            try #expect(await fixture.text(of: busy) == "hello")
        }
    }
}
