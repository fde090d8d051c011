import Clocks
import Foundation
import Loopback
import ManualTime
import Policy
import Testing
import Transport

@testable import Gateway

/// Causes and events of requests, end to end.
@Suite(.ownThread) struct EventTests {
    private static let chat = #"{"model":"m","messages":[]}"#
    private static let good = http(#"{"id":"chatcmpl-1","choices":[]}"#)

    private static func server(_ answers: [String]) throws -> ScriptedServer {
        try ScriptedServer(answers.map { [.readRequest, .send($0), .close] })
    }

    private func send(_ fixture: GatewayFixture) throws -> String {
        try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
    }

    private func cause(of fixture: GatewayFixture) -> Cause? {
        fixture.usage.records.last?.cause
    }

    @Test func aRefusedPortIsAnEventAndACause() throws {
        let closed = try Listener(SocketAddress("127.0.0.1", port: 0)!).address
        let clock = ManualTime()
        let fixture = try GatewayFixture(upstream: closed, clock: clock) { $0.client.retries = 0 }
        for _ in 0..<3 { #expect(try send(fixture).hasPrefix("HTTP/1.1 502 ")) }
        #expect(cause(of: fixture) == .upstreamConnectionRefused)
        let event = try #require(fixture.events.all.first)
        #expect(event.kind == .upstreamUnreachable)
        #expect(event.subject == "http://127.0.0.1:\(closed.port)")
        #expect(event.cause == .upstreamConnectionRefused)
        #expect(event.detail?.contains("refused") == true)
        #expect(fixture.events.all.count == 1)
        #expect(fixture.gateway.watchedStates.first?.lastFault?.cause == .upstreamConnectionRefused)
    }

    @Test func aWrongKeyIsAnEventAndItsEndAnother() throws {
        let refusal = http("{}", status: "401 Unauthorized")
        let server = try Self.server([refusal, refusal, Self.good, Self.good])
        let clock = ManualTime()
        let fixture = try GatewayFixture(upstream: server.address, clock: clock)
        for _ in 0..<2 { #expect(try send(fixture).contains("upstream_auth")) }
        #expect(cause(of: fixture) == .upstreamKeyRefused)
        #expect(fixture.events.kinds == [.upstreamKeyRefused])
        #expect(fixture.events.all[0].subject == "http://127.0.0.1:\(server.address.port), key 1")
        clock.advance(by: LastingState.calm)
        for _ in 0..<2 { #expect(try send(fixture).hasPrefix("HTTP/1.1 200 ")) }
        #expect(fixture.events.kinds == [.upstreamKeyRefused, .upstreamKeyRestored])
        #expect(fixture.events.all[1].count == 2)
    }

    @Test func aKeyThatRestsSaysUntilWhen() throws {
        let limited = http("{}", status: "429 Too Many", fields: "retry-after: 100\r\n")
        let server = try Self.server([limited, Self.good])
        let clock = ManualTime()
        let fixture = try GatewayFixture(upstream: server.address, upstreamKeys: ["a", "b"], clock: clock)
        #expect(try send(fixture).hasPrefix("HTTP/1.1 200 "))
        let event = try #require(fixture.events.all.first)
        #expect(event.kind == .upstreamKeyResting)
        #expect(event.cause == .upstreamKeyLimited)
        #expect(event["until"] == .time(clock.now + .seconds(100)))
        let keys = fixture.gateway.watchedStates.dropFirst().prefix(2)
        #expect(keys.map(\.restsUntil) == [clock.now + .seconds(100), nil])
        #expect(keys.map { $0.lastSuccess != nil } == [false, true])
    }

    @Test(arguments: [
        ("500 Oops", Cause.upstreamError), ("404 None", .upstreamRejected), ("429 Many", .upstreamKeyLimited),
    ])
    func errorsThatPassHaveACause(status: String, cause: Cause) throws {
        let fixture = try GatewayFixture(upstream: Self.server([http("{}", status: status)]).address)
        #expect(try send(fixture).hasPrefix("HTTP/1.1 \(status.prefix(3)) "))
        #expect(self.cause(of: fixture) == cause)
        #expect(fixture.usage.records.last?.ending == .complete)
    }

    /// The only key cannot rest: its limits are in the status, and each client is told.
    @Test func theLimitsOfTheOnlyKeyAreInTheStatus() throws {
        let server = try Self.server([http("{}", status: "429 Many"), Self.good])
        let fixture = try GatewayFixture(upstream: server.address, clock: ManualTime())
        #expect(try send(fixture).hasPrefix("HTTP/1.1 429 "))
        #expect(try send(fixture).hasPrefix("HTTP/1.1 200 "))
        let key = try #require(fixture.gateway.watchedStates.dropFirst().first)
        #expect(key.lastFault?.cause == .upstreamKeyLimited)
        #expect(!key.isTroubled)
        #expect(fixture.events.all.isEmpty)
    }

    @Test func aResponseThatBreaksOffIsInterrupted() throws {
        let server = try ScriptedServer([
            [
                .readRequest, .send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{}"),
                .close,
            ]
        ])
        let fixture = try GatewayFixture(upstream: server.address)
        _ = try fixture.answer(to: fixture.request(body: Self.chat))
        #expect(cause(of: fixture) == .upstreamInterrupted)
    }

    @Test func aClosedConnectionWithoutAResponseIsNoInterruption() throws {
        let server = try ScriptedServer([[.readRequest, .close]])
        let fixture = try GatewayFixture(upstream: server.address)
        #expect(try send(fixture).hasPrefix("HTTP/1.1 502 "))
        #expect(cause(of: fixture) == .upstreamClosed)
    }

    @Test func aLimitIsNamedInTheRowAndReportedOnce() throws {
        var tier = Tier(name: "t")
        tier[.requestsPerMinute] = 1
        let policies = Policies(tiers: TierTable(overriding: [tier]), defaultTier: "t")
        let server = try Self.server([Self.good])
        let fixture = try GatewayFixture(upstream: server.address, policies: policies, clock: ManualTime())
        #expect(try send(fixture).hasPrefix("HTTP/1.1 200 "))
        var lengths: [Int64] = []
        for _ in 0..<20 {
            let answer = try send(fixture)
            #expect(answer.hasPrefix("HTTP/1.1 429 "))
            lengths.append(Int64(body(of: answer).utf8.count))
        }
        #expect(fixture.usage.records.count == 21)
        let refused = fixture.usage.records.dropFirst()
        #expect(refused.allSatisfy { $0.cause == .rateLimit && $0.refusedBy == LimitName("key:requests_per_minute") })
        // The gateway's own answers have their length too.
        #expect(refused.map(\.responseBytes) == lengths)
        #expect(fixture.events.kinds == [.limitRefused])
        #expect(fixture.events.all.first?.subject == fixture.keyID)
        #expect(fixture.events.all.first?["limit"] == .text("requests_per_minute"))
    }

    @Test func aStoreOutOfReachIsOneEvent() throws {
        let clock = ManualTime()
        let server = try Self.server([Self.good])
        let fixture = try GatewayFixture(upstream: server.address, clock: clock)
        fixture.usage.said.withLock { $0 = "the disk is full" }
        for _ in 0..<144 { #expect(try send(fixture).hasPrefix("HTTP/1.1 503 ")) }
        #expect(fixture.events.kinds == [.storeUnavailable])
        #expect(fixture.events.all.first?.detail == "the disk is full")
        fixture.usage.said.withLock { $0 = nil }
        clock.advance(by: LastingState.calm)
        #expect(try send(fixture).hasPrefix("HTTP/1.1 200 "))
        #expect(fixture.events.kinds == [.storeUnavailable, .storeRecovered])
        #expect(fixture.events.all.last?.count == 144)
    }
}
