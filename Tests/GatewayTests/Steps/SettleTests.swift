import Clocks
import Foundation
import Loopback
import ManualTime
import Policy
import Testing
import Transport

@testable import Gateway

/// A request that was sent is never free because its response is missing.
@Suite(.ownThread) struct SettleTests {
    private static let chat = #"{"model":"gpt-oss:120b","messages":[{"role":"user","content":"How are you?"}]}"#
    private static let streamHead =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    private func policies() -> Policies {
        var tier = Tier(name: "limited")
        tier[.requestsPerDay] = 100
        tier[.budgetPerMonth] = 1_000_000_000
        tier[.maxOutputTokens] = 100
        return Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited")
    }

    /// Checks that the only row is charged for its input, flagged, and held against the limits.
    private func expectCharged(_ fixture: GatewayFixture, status: Int, _ ending: Ending) throws {
        let record = try fixture.usage.only()
        #expect(record.status == status)
        #expect(record.ending == ending)
        #expect(record.units.inputTokens > 0)
        #expect(record.exactness == .interrupted)
        #expect(record.cost > .zero)
        #expect(record.countsAsRequest)
        let states = fixture.limiter.states(of: fixture.record, at: fixture.gateway.clock.limitTime)
        #expect(states.first { $0.kind == .requestsPerDay }?.used == 1)
        let budget = states.first { $0.kind == .budgetPerMonth }
        #expect(budget?.used == record.cost.amount)
        #expect(budget?.reserved == 0)
    }

    @Test func aSilentUpstreamIsPaidForItsInput() async throws {
        let clock = ManualTime()
        let upstream = try ScriptedServer([[.readRequest, .waitForEnd]])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies(), clock: clock)
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        upstream.awaitRequest()
        await fixture.loop.settle()
        clock.advance(by: .seconds(30))
        #expect(try #require(client.receiveAll()).hasPrefix("HTTP/1.1 504 "))
        try expectCharged(fixture, status: 504, .upstreamTimeout)
    }

    @Test func aConnectionCutBeforeTheHeadIsPaidForItsInput() throws {
        let upstream = try ScriptedServer([[.readRequest, .close]])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies())
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        try expectCharged(fixture, status: 502, .upstreamFailed)
    }

    @Test func aConnectionCutBeforeTheFirstEventIsPaidForItsInput() throws {
        let upstream = try ScriptedServer([[.readRequest, .send(Self.streamHead), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies())
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        try expectCharged(fixture, status: 502, .upstreamInterrupted)
    }

    @Test func aClientThatLeavesBeforeTheFirstByteIsChargedForItsInput() throws {
        let upstream = try ScriptedServer([[.readRequest, .waitForEnd]])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies())
        do {
            let client = try fixture.caller(sending: fixture.request(body: Self.chat))
            upstream.awaitRequest()
            _ = client
        }
        try expectCharged(fixture, status: 499, .clientGone)
    }

    @Test func aClockThatIsSetBackMakesNoTimeNegative() async throws {
        let clock = ManualTime()
        let upstream = try ScriptedServer([[.readRequest, .send(UpgradeTests.agreement + "\r\n"), .pause, .close]])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies(), clock: clock)
        do {
            let client = try fixture.caller(sending: UpgradeTests.request(fixture, "/v1/realtime?model=whisper"))
            #expect(client.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
            await fixture.loop.settle()
            clock.advance(by: .seconds(90))
            clock.setWall(clock.now + .seconds(-7200))
            upstream.proceed()
            #expect(client.receive(1) == [0x88])
            // A WebSocket has ended once both sides have closed.
        }
        let record = try fixture.usage.only()
        #expect(record.units.audioMinutes == 2)
        #expect(record.endedAt - record.startedAt == .seconds(90))
    }

    @Test func theJournalKnowsFromTheStartWhatARequestCosts() throws {
        let upstream = try ScriptedServer([[.readRequest, .pause, .close]])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies())
        let client = try fixture.caller(sending: fixture.request(body: Self.chat))
        upstream.awaitRequest()
        let begun = try #require(fixture.usage.begun.takeSoon())
        #expect(begun.units.inputTokens > 0)
        #expect(begun.cost > .zero)
        #expect(begun.exactness == .interrupted)
        #expect(begun.countsAsRequest)
        upstream.proceed()
        _ = client.receiveAll()
    }

    @Test func anUpstreamThatCannotBeReachedCostsNothing() throws {
        // Nothing listens on the first port.
        let fixture = try GatewayFixture(upstream: #require(SocketAddress("127.0.0.1", port: 1)), policies: policies())
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        let record = try fixture.usage.only()
        #expect(record.units == BillableUnits())
        #expect(record.exactness == .exact)
        #expect(!record.countsAsRequest)
        #expect(fixture.limiter.states(of: fixture.record, at: .now).allSatisfy { $0.used == 0 && $0.reserved == 0 })
    }

    @Test func anErrorOfTheUpstreamCostsARequestAndNothingElse() throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(http(#"{"error":{"message":"no"}}"#, status: "500 Oops")), .close]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies())
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 500 "))
        let record = try fixture.usage.only()
        #expect(record.cost == .zero)
        #expect(record.countsAsRequest)
        for state in fixture.limiter.states(of: fixture.record, at: .now) {
            #expect(state.used == (state.kind.unit == .requests ? 1 : 0), "\(state.kind)")
            #expect(state.reserved == 0)
        }
    }
}
