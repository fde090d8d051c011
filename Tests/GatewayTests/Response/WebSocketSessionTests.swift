import Clocks
import HTTP1
import Loopback
import ManualTime
import Policy
import Testing

@testable import Gateway

/// WebSockets through a gateway: how they are billed, and what ends them.
@Suite(.ownThread) struct WebSocketSessionTests {
    /// A client's close frame with 1000.
    private static let clientClose: [UInt8] = [0x88, 0x82, 0, 0, 0, 0, 3, 0xE8]
    private static let message: [UInt8] = [0x82, 0x81, 0, 0, 0, 0, 7]

    /// A session that a gateway has opened, with the clock at its start.
    private struct Session {
        let clock = ManualTime()
        let upstream: ScriptedServer
        let fixture: GatewayFixture
        let client: RawClient
        let head: String

        init(policies: Policies = Policies(), fields: String = "", steps: [ScriptedServer.Step] = [.collect]) throws {
            upstream = try ScriptedServer([
                [.readRequest, .send(UpgradeTests.agreement + fields + "content-length: 0\r\n\r\n")] + steps
            ])
            fixture = try GatewayFixture(upstream: upstream.address, policies: policies, clock: clock)
            client = try fixture.caller(
                sending: UpgradeTests.request(
                    fixture, "/v1/realtime?model=voxtral",
                    UpgradeTests.handshake + "sec-websocket-protocol: realtime\r\n"))
            head = client.receive(through: "\r\n\r\n")
        }

        /// Moves the clock in steps of a second, so that every look of the gateway comes at its time.
        func advance(seconds: Int) async {
            for _ in 0..<seconds {
                await fixture.loop.settle()
                clock.advance(by: .seconds(1))
            }
            await fixture.loop.settle()
        }

        /// The code and reason of the next close frame; nil where another frame comes.
        func closeFrame() -> (code: Int, reason: String)? {
            guard let header = bytes(2), header.count == 2, header[0] == 0x88, let payload = bytes(Int(header[1])),
                payload.count >= 2
            else { return nil }
            return (Int(payload[0]) << 8 | Int(payload[1]), String(decoding: payload[2...], as: UTF8.self))
        }

        func bytes(_ count: Int) -> [UInt8]? {
            var all: [UInt8] = []
            while all.count < count {
                guard let more = client.receive(count - all.count) else { return nil }
                if more.isEmpty { break }
                all += more
            }
            return all
        }

        /// Sends the client's close frame and waits until the connection has ended, which takes the upstream's silence.
        func finish() async {
            client.send(WebSocketSessionTests.clientClose)
            client.finishSending()
            await fixture.loop.settle()
            clock.advance(by: WebSocketTunnel.answerTimeout)
            await fixture.loop.settle()
            clock.advance(by: WebSocketTunnel.closeTimeout)
            await fixture.loop.settle()
            _ = client.receiveRest()
        }
    }

    /// Policies with a price of 0.06 EUR for a minute and `budget` euros a day.
    private static func policies(budget cents: Int64?) -> Policies {
        var tier = Tier(name: "limited")
        if let cents { tier[.budgetPerDay] = cents * 10_000_000 }
        tier[.requestsPerDay] = 100
        var prices = ModelPrices.vendor
        prices.audioMinute = 60_000_000
        return Policies(
            tiers: TierTable(overriding: [tier]), defaultTier: "limited",
            prices: PriceList(models: ["voxtral": PriceHistory(prices)])
        )
    }

    private func limits(_ session: Session) -> [LimitKind: (used: Int64, reserved: Int64)] {
        let states = session.fixture.limiter.states(of: session.fixture.record, at: session.clock.limitTime)
        return Dictionary(states.map { ($0.kind, ($0.used, $0.reserved)) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Opening and billing

    @Test func theClientGetsTheAgreementAndTheGatewaysFields() async throws {
        let session = try Session(fields: "sec-websocket-protocol: realtime\r\n")
        let lines = session.head.split(separator: "\r\n").map(String.init)
        #expect(lines[0] == "HTTP/1.1 101 Switching Protocols")
        for line in [
            "connection: upgrade", "upgrade: websocket", "sec-websocket-accept: \(UpgradeTests.accept)",
            "sec-websocket-protocol: realtime",
        ] {
            #expect(lines.count { $0 == line } == 1)
        }
        #expect(!session.head.contains("content-length"))
        #expect(session.head.contains("\r\nx-request-id: "))
        await session.finish()
    }

    @Test func startedMinutesAreBilledAndNotedWhileItLasts() async throws {
        let session = try Session(policies: Self.policies(budget: 100))
        session.client.send(Self.message)
        await session.advance(seconds: 125)
        #expect(limits(session)[.budgetPerDay]?.reserved == 180_000_000)
        var minutes: [Int64] = []
        for _ in 0..<125 { minutes.append(try #require(session.fixture.usage.progress.takeSoon()).units.audioMinutes) }
        #expect(Set(minutes) == [1, 2, 3])
        #expect(minutes == minutes.sorted())
        await session.finish()
        let record = try session.fixture.usage.only()
        #expect(record.units.audioMinutes == 3)
        #expect(record.cost == NanoEuros(180_000_000))
        #expect(record.ending == .complete)
        #expect(record.requestBytes == 15)
        #expect(limits(session)[.budgetPerDay]! == (180_000_000, 0))
        #expect(limits(session)[.requestsPerDay]!.used == 1)
    }

    @Test func theTimeBeforeTheUpstreamAgreedIsNotBilled() async throws {
        let clock = ManualTime()
        let upstream = try ScriptedServer([
            [.readRequest, .pause, .send(UpgradeTests.agreement + "\r\n"), .collect]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address, clock: clock) {
            $0.client.firstByteTimeout = .seconds(300)
        }
        let client = try fixture.caller(sending: UpgradeTests.request(fixture))
        upstream.awaitRequest()
        await fixture.loop.settle()
        clock.advance(by: .seconds(200))
        upstream.proceed()
        #expect(client.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
        client.reset()
        await fixture.loop.settle()
        clock.advance(by: WebSocketTunnel.closeTimeout)
        let record = try fixture.usage.only()
        #expect(record.units.audioMinutes == 1)
        #expect(record.endedAt - record.startedAt >= .seconds(200))
    }

    // MARK: Limits

    @Test(arguments: [(6, 1), (17, 2), (18, 3)]) func aBudgetIsNeverOverspent(cents: Int64, minutes: Int64) async throws
    {
        let session = try Session(policies: Self.policies(budget: cents))
        await session.advance(seconds: Int(minutes) * 60 - 3)
        #expect(session.fixture.usage.records.isEmpty)
        await session.advance(seconds: 1)
        let close = try #require(session.closeFrame())
        #expect(close.code == 1008)
        #expect(close.reason.hasPrefix("budget_exceeded: "))
        // However long the client takes to answer, it is not billed for it.
        await session.advance(seconds: 3)
        await session.finish()
        let record = try session.fixture.usage.only()
        #expect(record.ending == .overrun)
        #expect(record.units.audioMinutes == minutes)
        #expect(limits(session)[.budgetPerDay]! == (minutes * 60_000_000, 0))
    }

    @Test func aSessionCountsInTheDaysThatItReaches() async throws {
        let session = try Session(policies: Self.policies(budget: 18))
        // Half a minute before midnight: the clock begins at 08:00 UTC.
        session.clock.setWall(Timestamp(seconds: 1_800_000_000 + 16 * 3600 - 30))
        session.fixture.limiter.step(
            to: session.clock.limitTime, LimitHistory(), keys: KeySnapshot([session.fixture.record]))
        await session.advance(seconds: 31)
        #expect(limits(session)[.budgetPerDay]! == (0, 0), "the first minute belongs to the day before")
        await session.advance(seconds: 207)
        #expect(limits(session)[.budgetPerDay]?.used == 180_000_000)
        #expect(try #require(session.closeFrame()).code == 1008, "the fifth minute would be the fourth of its day")
        await session.finish()
    }

    // MARK: Keys

    private enum Change: CaseIterable { case revoked, suspended, expired, removed, tier }

    @Test(arguments: Change.allCases) private func aKeyThatIsNoLongerValidEndsItWithinASecond(change: Change)
        async throws
    {
        let session = try Session()
        await session.advance(seconds: 2)
        let old = session.fixture.record
        func record(
            expires: Timestamp? = nil, revoked: Timestamp? = nil, suspended: Timestamp? = nil, tier: String? = nil
        ) -> KeyRecord {
            KeyRecord(
                id: old.id, name: old.name, tier: tier ?? old.tier, team: old.team, createdAt: old.createdAt,
                expiresAt: expires, revokedAt: revoked, suspendedAt: suspended, digest: old.digest)
        }
        let code: String
        switch change {
        case .revoked:
            session.fixture.keys.replace(with: [record(revoked: session.clock.now)])
            code = "api_key_revoked"
        case .suspended:
            session.fixture.keys.replace(with: [record(suspended: session.clock.now)])
            code = "api_key_suspended"
        case .expired:
            session.fixture.keys.replace(with: [
                record(expires: session.clock.now + .milliseconds(500))
            ])
            code = "api_key_expired"
        case .removed:
            session.fixture.keys.replace(with: [])
            code = "invalid_api_key"
        case .tier:
            session.fixture.keys.replace(with: [record(tier: "gone")])
            code = "tier_unknown"
        }
        await session.advance(seconds: 1)
        let close = try #require(session.closeFrame())
        #expect(close.code == 1008)
        #expect(close.reason.hasPrefix(code + ": "))
        await session.finish()
        let record = try session.fixture.usage.only()
        #expect(record.ending == .keyRefused)
        #expect(record.status == 101)
        // The upstream is told that the session ends, and nothing more.
        let sent = try #require(session.upstream.collected.takeSoon())
        #expect(sent.prefix(2) == [0x88, 0x82])
    }

    @Test func aChangeOfAnotherKeyEndsNothing() async throws {
        let session = try Session()
        session.fixture.keys.replace(with: [session.fixture.record])
        await session.advance(seconds: 3)
        await session.finish()
        #expect(try session.fixture.usage.only().ending == .complete)
        #expect(try #require(session.upstream.collected.takeSoon()).starts(with: Self.clientClose))
    }

    // MARK: Silence and shutdown

    @Test func silenceEndsItAfterTheIdleTimeout() async throws {
        let session = try Session()
        await session.fixture.loop.settle()
        session.clock.advance(by: .seconds(3600))
        let close = try #require(session.closeFrame())
        #expect(close.code == 1001)
        #expect(close.reason.hasPrefix("idle_timeout: "))
        await session.finish()
        let record = try session.fixture.usage.only()
        #expect(record.ending == .idleTimeout)
        #expect(record.units.audioMinutes == 61)
    }

    @Test func aShutdownEndsItAtOnce() async throws {
        let session = try Session()
        await session.fixture.loop.settle()
        session.fixture.gateway.drain()
        session.fixture.server.drain()
        let close = try #require(session.closeFrame())
        #expect(close.code == 1001)
        #expect(close.reason.hasPrefix("draining: "))
        await session.finish()
        #expect(try session.fixture.usage.only().ending == .drained)
    }

    @Test func anUpstreamThatBreaksOffIsToldToTheClient() async throws {
        let session = try Session(steps: [.sendBytes([0x81, 1, 0x41]), .close])
        #expect(session.bytes(3) == [0x81, 1, 0x41])
        #expect(try #require(session.closeFrame()).code == 1011)
        await session.finish()
        #expect(try session.fixture.usage.only().ending == .upstreamInterrupted)
    }
}
