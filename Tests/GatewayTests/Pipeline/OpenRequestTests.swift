import Clocks
import Policy
import Testing

@testable import Gateway

@Suite struct OpenRequestTests {
    private let key = KeyRecord(
        id: "key", name: "key", tier: "limited", team: nil, createdAt: Timestamp(seconds: 1),
        digest: KeyDigest(1, 2, 3, 4))
    private let now = LimitTime(wall: Timestamp(seconds: 1_795_428_000), monotonic: 0)

    private func limiter(_ overrun: Tier.Overrun = .stop) -> Limiter {
        var tier = Tier(name: "limited")
        tier[.outputTokensPerHour] = 100
        tier.outputReservation = 40
        tier.overrun = overrun
        let policies = Policies(tiers: TierTable(overriding: [tier]))
        return Limiter(
            LimitRules(policies, accountTier: nil, zone: ZoneOffsets(periods: [.init(start: 0, offset: 0)])))
    }

    private func request(bounded: Bool) -> LimitedRequest {
        LimitedRequest(
            kind: .tokens, model: "m", units: BillableUnits(),
            output: bounded ? .bounded(perChoice: 30, choices: 1) : .unbounded(choices: 1, canBeBounded: false))
    }

    private func record(_ outputTokens: Int64, status: Int, wasSent: Bool = true) -> UsageRecord {
        var record = UsageRecord(
            id: RequestID(high: 1, low: 1), keyID: "key", team: nil, endpoint: "chat/completions", startedAt: now.wall)
        record.units.outputTokens = outputTokens
        record.status = status
        record.countsAsRequest = wasSent
        return record
    }

    @Test func settlementReplacesWhatWasHeldByWhatWasUsed() throws {
        let limiter = limiter()
        let usage = CollectedUsage()
        let reservation = try limiter.admit(request(bounded: true), of: key, at: now)
        #expect(limiter.states(of: key, at: now)[0].reserved == 30)
        let open = OpenRequest(InFlight(slot: 7), reservation)
        #expect(open.outputAllowance == .max)
        _ = open.settle(record(12, status: 200), in: usage, limiter, at: now)
        #expect(limiter.states(of: key, at: now)[0].reserved == 0)
        #expect(limiter.states(of: key, at: now)[0].used == 12)
        #expect(usage.records.count == 1)
    }

    @Test(arguments: [true, false]) func aRequestCountsIfItWasSent(wasSent: Bool) throws {
        let limiter = limiter()
        let usage = CollectedUsage()
        let open = OpenRequest(
            InFlight(slot: 7), try limiter.admit(request(bounded: true), of: key, at: now))
        _ = open.settle(record(0, status: 502, wasSent: wasSent), in: usage, limiter, at: now)
        #expect(usage.records.map(\.countsAsRequest) == [wasSent])
        #expect(limiter.states(of: key, at: now)[0].reserved == 0)
    }

    @Test func aFailureThatUsedNothingGivesItsTokensBack() throws {
        let limiter = limiter()
        let open = OpenRequest(
            InFlight(slot: 7), try limiter.admit(request(bounded: true), of: key, at: now))
        _ = open.settle(record(0, status: 502), in: CollectedUsage(), limiter, at: now)
        #expect(limiter.states(of: key, at: now)[0].used == 0)
        #expect(limiter.states(of: key, at: now)[0].reserved == 0)
    }

    @Test(arguments: [Tier.Overrun.stop, .finish])
    func anOpenStreamExtendsItsReservationUntilNothingIsLeft(overrun: Tier.Overrun) throws {
        let limiter = limiter(overrun)
        var open = OpenRequest(
            InFlight(slot: 7), try limiter.admit(request(bounded: false), of: key, at: now))
        #expect(open.outputAllowance == 40)
        #expect(open.extend(to: 41, by: limiter, at: now) == nil)
        #expect(open.outputAllowance >= 41)
        #expect(open.extend(to: 100, by: limiter, at: now) == nil)
        #expect(open.outputAllowance == 100)
        #expect(open.extend(to: 101, by: limiter, at: now) == overrun)
        // Asked once: a stream that may finish is not held up again.
        #expect(open.outputAllowance == .max)
        _ = open.settle(record(101, status: 200), in: CollectedUsage(), limiter, at: now)
        #expect(limiter.states(of: key, at: now)[0].used == 101)
    }

    @Test func aRequestHeldAgainstNoLimitJustEnds() {
        let usage = CollectedUsage()
        var open = OpenRequest(InFlight(slot: 7), nil)
        #expect(open.extend(to: 1000, by: limiter(), at: now) == nil)
        _ = open.settle(record(0, status: 200), in: usage, limiter(), at: now)
        #expect(usage.records.count == 1)
    }
}
