import Loopback
import Policy
import Testing

@testable import Gateway

/// Requests that wait in their tier's queue for room in their limits.
@Suite(.ownThread) struct AwaitRoomTests {
    private static let chat = #"{"model":"m","messages":[]}"#
    private static let stream = #"{"model":"m","messages":[],"stream":true}"#

    private func fixture(
        _ upstream: ScriptedServer, wait: Duration = .seconds(30), _ change: (inout Tier) -> Void = { _ in }
    ) throws -> GatewayFixture {
        var tier = Tier(name: "queued")
        tier[.concurrentRequests] = 1
        tier.queue = Tier.Queue()
        tier.queue?.wait = wait
        change(&tier)
        return try GatewayFixture(
            upstream: upstream.address,
            policies: Policies(tiers: TierTable(overriding: [tier]), defaultTier: "queued"))
    }

    /// An upstream that gives `answers`, each on a connection of its own, and the first one when the test lets it.
    private func upstream(_ answers: String...) throws -> ScriptedServer {
        try ScriptedServer(
            answers.enumerated().map { index, answer in
                [.readRequest] + (index == 0 ? [.pause] : []) + [.send(answer), .close]
            }, isConcurrent: true)
    }

    /// A request that the upstream has and holds, and a second one that waits for its end.
    private func waiting(
        _ fixture: GatewayFixture, behind upstream: ScriptedServer, _ body: String
    ) async throws -> (first: RawClient, second: RawClient) {
        let first = try fixture.caller(sending: fixture.request(body: Self.chat))
        #expect(await eventually { upstream.requests.withLock { $0.count } == 1 })
        let second = try fixture.caller(sending: fixture.request(body: body))
        #expect(await eventually { fixture.gateway.waitingRequests == 1 })
        return (first, second)
    }

    @Test func theSecondGoesOnWhenTheFirstEnds() async throws {
        let upstream = try upstream(last("1"), last("2"))
        let fixture = try fixture(upstream)
        let (first, second) = try await waiting(fixture, behind: upstream, Self.chat)
        #expect(upstream.requests.withLock { $0.count } == 1)
        upstream.proceed()
        #expect(body(of: try #require(first.receiveAll())) == "1")
        #expect(body(of: try #require(second.receiveAll())) == "2")
        #expect(fixture.gateway.waitingRequests == 0)
        #expect(fixture.limiter.states(of: fixture.record, at: .now).allSatisfy { $0.reserved == 0 && $0.used == 0 })
    }

    @Test func aClientThatLeavesIsDropped() async throws {
        let upstream = try upstream(last("1"))
        let fixture = try fixture(upstream)
        let (first, second) = try await waiting(fixture, behind: upstream, Self.chat)
        second.reset()
        #expect(await eventually { fixture.gateway.waitingRequests == 0 })
        upstream.proceed()
        #expect(body(of: try #require(first.receiveAll())) == "1")
        #expect(await eventually { fixture.usage.records.count == 2 })
        #expect(upstream.requests.withLock { $0.count } == 1)
        #expect(fixture.usage.records.contains { $0.ending == .clientGone && $0.cost == .zero })
    }

    @Test func aWaitInVainEndsWithTheRefusal() async throws {
        let upstream = try upstream(last("1"))
        let fixture = try fixture(upstream, wait: .milliseconds(50))
        let (first, second) = try await waiting(fixture, behind: upstream, Self.chat)
        let refused = try #require(second.receiveAll())
        #expect(refused.hasPrefix("HTTP/1.1 429 ") && refused.contains("concurrency_limit_exceeded"))
        upstream.proceed()
        #expect(body(of: try #require(first.receiveAll())) == "1")
    }

    @Test func aFullQueueRefusesAtOnce() async throws {
        let upstream = try upstream(last("1"), last("2"))
        let fixture = try fixture(upstream) { $0.queue?.length = 1 }
        let (first, second) = try await waiting(fixture, behind: upstream, Self.chat)
        #expect(try #require(try fixture.answer(to: fixture.request(body: Self.chat))).hasPrefix("HTTP/1.1 429 "))
        upstream.proceed()
        for client in [first, second] { #expect(try #require(client.receiveAll()).hasPrefix("HTTP/1.1 200 ")) }
    }

    /// Waiting makes no room for more than the whole limit.
    @Test func whatCannotFitIsRefusedAtOnce() throws {
        let upstream = try self.upstream(last("1"))
        let fixture = try fixture(upstream) {
            $0[.concurrentRequests] = nil
            $0[.outputTokensPerDay] = 10
        }
        let large = #"{"model":"m","messages":[],"max_tokens":11}"#
        #expect(try #require(try fixture.answer(to: fixture.request(body: large))).hasPrefix("HTTP/1.1 400 "))
        #expect(fixture.gateway.waitingRequests == 0)
        upstream.proceed()
    }

    @Test func aKeyThatEndsMeanwhileGetsNothing() async throws {
        let upstream = try upstream(last("1"))
        let fixture = try fixture(upstream)
        let (first, second) = try await waiting(fixture, behind: upstream, Self.chat)
        fixture.keys.replace(with: [])
        upstream.proceed()
        #expect(try #require(second.receiveAll()).hasPrefix("HTTP/1.1 401 "))
        #expect(body(of: try #require(first.receiveAll())) == "1")
        #expect(upstream.requests.withLock { $0.count } == 1)
        #expect(fixture.limiter.states(of: fixture.record, at: .now).allSatisfy { $0.reserved == 0 })
    }

    @Test func aStreamIsToldThatItWaits() async throws {
        let events = "data: {\"id\":\"c1\",\"choices\":[]}\n\ndata: [DONE]\n\n"
        let upstream = try upstream(
            last("1"), last(events).replacing("application/json", with: "text/event-stream"))
        let fixture = try fixture(upstream)
        let (first, second) = try await waiting(fixture, behind: upstream, Self.stream)
        let start = second.receive(through: "limits of this key\n\n")
        #expect(start.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(start.contains("content-type: text/event-stream") && start.contains("\r\nid: "))
        upstream.proceed()
        #expect(body(of: try #require(first.receiveAll())) == "1")
        let rest = second.receiveRest()
        #expect(rest.text.contains("data: [DONE]\n\n") && !rest.isBroken)
    }

    @Test func anErrorAfterTheHeadIsAnEvent() async throws {
        let upstream = try upstream(last("1"), last("{\"error\":\n{\"message\":\"no\"}}", status: "400 Bad Request"))
        let fixture = try fixture(upstream)
        let (first, second) = try await waiting(fixture, behind: upstream, Self.stream)
        _ = second.receive(through: "limits of this key\n\n")
        upstream.proceed()
        #expect(body(of: try #require(first.receiveAll())) == "1")
        #expect(second.receiveRest().text.contains("data: {\"error\":\ndata: {\"message\":\"no\"}}\n\n"))
        #expect(await eventually { fixture.usage.records.contains { $0.status == 400 } })
    }

    @Test func anErrorAboutTheContextHasItsCodeInTheEvent() async throws {
        let error = #"{"error":{"message":"the input length exceeds the context length"}}"#
        let upstream = try upstream(last("1"), last(error, status: "400 Bad Request"))
        let fixture = try fixture(upstream)
        let (first, second) = try await waiting(fixture, behind: upstream, Self.stream)
        _ = second.receive(through: "limits of this key\n\n")
        upstream.proceed()
        #expect(body(of: try #require(first.receiveAll())) == "1")
        #expect(second.receiveRest().text.contains(#"data: {"error":{"code":"context_length_exceeded","message":"#))
    }

    @Test func aRefusalAfterTheHeadIsAnEvent() async throws {
        let upstream = try upstream(last("1"))
        let fixture = try fixture(upstream, wait: .milliseconds(1500))
        let (first, second) = try await waiting(fixture, behind: upstream, Self.stream)
        #expect(second.receiveRest().text.contains("data: {\"error\":{\"message\":\"The limit of this key, 1 request"))
        upstream.proceed()
        #expect(body(of: try #require(first.receiveAll())) == "1")
    }
}
