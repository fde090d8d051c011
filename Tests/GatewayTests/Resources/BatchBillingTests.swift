import Clocks
import HTTP1
import Loopback
import ManualTime
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

@Suite(.ownThread) struct BatchBillingTests {
    private static func line(_ model: String, _ prompt: Int, _ completion: Int) -> String {
        #"{"custom_id":"1","response":{"status_code":200,"body":{"model":"\#(model)","usage":{"prompt_tokens":\#(prompt),"completion_tokens":\#(completion)}}}}"#
            + "\n"
    }

    private static let lines = line("gpt-oss:120b", 10, 20) + line("granite", 5, 0) + line("gpt-oss:120b", 1, 2)
    private static let ended = #"{"id":"batch-1","status":"completed","output_file_id":"out","error_file_id":"err"}"#
    private static let running = #"{"id":"batch-1","status":"in_progress","output_file_id":null}"#
    private static let missing = "404 Not Found"

    private static func policies(budget: Int64) -> Policies {
        var tier = Tier(name: "limited")
        tier[.budgetPerDay] = budget
        return Policies(
            tiers: TierTable(overriding: [tier]), defaultTier: "limited",
            teams: ["team": "limited", "former": "limited"])
    }

    /// A batch of four lines: 400 input tokens and 800 output tokens at the most.
    private static let bounds: BatchLines = {
        var part = BatchLines.Part()
        part.lines = 4
        part.likelyInputTokens = 400
        part.mostInputTokens = 600
        part.outputTokens = 800
        return BatchLines(url: "/v1/chat/completions", models: ["gpt-oss:120b": part])
    }()
    private static let held: Int64 = 600 * 900 + 800 * 4000

    /// A gateway that follows `batch-1`, which an earlier process has made, in front of an upstream with `answers`.
    private final class Followed {
        let upstream: ScriptedServer
        let fixture: GatewayFixture
        let clock = ManualTime()

        init(
            _ answers: [String], lines: BatchLines? = BatchBillingTests.bounds, team: String = "team",
            budget: Int64 = 1_000_000_000
        ) throws {
            upstream = try Loopback.ScriptedServer(answers.map { [.readRequest, .send($0), .close] })
            fixture = try GatewayFixture(
                upstream: upstream.address, policies: BatchBillingTests.policies(budget: budget), clock: clock)
            var batch = OwnedResource(
                id: "batch-1", kind: .batch, keyID: fixture.keyID, team: team, createdAt: clock.now)
            batch.lines = lines
            fixture.objects.objects.withLock { $0["batch-1"] = batch }
            fixture.gateway.resumeBatches([batch])
        }

        /// Lets `seconds` pass, and waits until `count` requests of the gateway have come.
        func look(after seconds: Int, requests count: Int) async {
            clock.advance(by: .seconds(seconds))
            fixture.gateway.lookAtBatches()
            #expect(await eventually { self.upstream.requests.withLock { $0.count } == count })
            #expect(await eventually { !self.fixture.gateway.batches.withLock { $0.isLooking } })
        }

        func state(_ place: Int = 0) -> LimitState {
            fixture.limiter.states(of: fixture.record, at: clock.limitTime)[place]
        }

        func record(_ model: String? = "gpt-oss:120b") throws -> UsageRecord {
            let records = try #require(fixture.objects.metered.takeSoon())
            return try #require(records.first { $0.modelServed == model })
        }

        var isOpen: Bool { fixture.gateway.batches.withLock { $0["batch-1"] != nil } }
    }

    @Test func aLimitThatABatchReachesIsAlertedAndAnEvent() async throws {
        let followed = try Followed([last(Self.ended), last(Self.lines)], budget: 110_000)
        await followed.look(after: 10, requests: 2)
        #expect(followed.state().used == 102_400)
        #expect(followed.fixture.events.reached.takeSoon()?["percent"] == .number(80))
        let events = followed.fixture.events.all
        #expect(events.map(\.kind) == [.limitReached, .limitReached])
        #expect(events.map(\.subject) == [followed.fixture.keyID, "team"])
    }

    @Test func aBatchThatNobodyAsksForIsBilled() async throws {
        let followed = try Followed([last(Self.running), last(Self.running), last(Self.ended), last(Self.lines)])
        #expect(followed.state().reserved == Self.held)
        await followed.look(after: 9, requests: 0)
        await followed.look(after: 1, requests: 1)
        await followed.look(after: 9, requests: 1)
        await followed.look(after: 1, requests: 2)
        await followed.look(after: 19, requests: 2)
        await followed.look(after: 1, requests: 4)
        let records = try #require(followed.fixture.objects.metered.takeSoon())
            .sorted { ($0.modelServed ?? "") < ($1.modelServed ?? "") }
        #expect(records.map(\.modelServed) == ["gpt-oss:120b", "granite"])
        #expect(records.map(\.units.inputTokens) == [11, 5])
        #expect(records.map(\.units.outputTokens) == [22, 0])
        #expect(records.map(\.cost) == [NanoEuros(11 * 900 + 22 * 4000), NanoEuros(5 * 900)])
        for record in records {
            #expect(record.keyID == followed.fixture.keyID)
            #expect(record.team == "team")
            #expect(record.endpoint == UsageRecord.endpointOfBatches)
            #expect(record.exactness == .exact)
            #expect(record.upstreamID == "batch-1")
            #expect(!record.countsAsRequest)
        }
        #expect(followed.state().used == records.reduce(0) { $0 + $1.cost.amount })
        #expect(followed.state().reserved == 0)
        #expect(!followed.isOpen)
        // The files are known as the key's, although no client has seen the batch.
        #expect(followed.fixture.objects.all["out"]?.batchID == "batch-1")
        #expect(followed.fixture.objects.all["err"]?.keyID == followed.fixture.keyID)
        let fetch = followed.upstream.requests.withLock { $0[3] }
        #expect(fetch.hasPrefix("GET /v1/files/out/content HTTP/1.1\r\n"))
        #expect(fetch.contains("authorization: Bearer upstream-secret\r\n"))
    }

    /// Limits and ledger charge the team of the batch, not the one that the key has by now; and a key that was revoked too.
    @Test func theKeyAndTeamOfTheBatchAreCharged() async throws {
        let followed = try Followed([last(Self.ended), last(Self.lines)], team: "former")
        let key = followed.fixture.record
        followed.fixture.keys.replace(with: [
            KeyRecord(
                id: key.id, name: key.name, tier: key.tier, team: "team", createdAt: key.createdAt,
                revokedAt: followed.clock.now, digest: key.digest)
        ])
        await followed.look(after: 10, requests: 2)
        let record = try followed.record()
        #expect(record.team == "former")
        let cost = 11 * 900 + 22 * 4000 + 5 * 900
        #expect(followed.state(0).used == Int64(cost))
        #expect(followed.state(1).used == 0)
        let former = KeyRecord(
            id: key.id, name: "", tier: key.tier, team: "former", createdAt: key.createdAt, digest: key.digest)
        #expect(followed.fixture.limiter.states(of: former, at: followed.clock.limitTime)[1].used == Int64(cost))
    }

    @Test(arguments: ["completed", "failed", "expired", "cancelled"])
    func aBatchWithoutOutputCostsNothing(_ status: String) async throws {
        let state = #"{"id":"batch-1","status":"\#(status)","output_file_id":null,"error_file_id":"err"}"#
        let followed = try Followed([last(state)])
        await followed.look(after: 10, requests: 1)
        #expect(try #require(followed.fixture.objects.metered.takeSoon()).isEmpty)
        #expect(followed.fixture.objects.all["batch-1"]?.isMetered == true)
        #expect(followed.state().reserved == 0)
        #expect(followed.state().used == 0)
        #expect(!followed.isOpen)
    }

    @Test(arguments: [["{broken\n"], [#"{"response":{"status_code":200,"body":{"model":"gpt-oss:120b"}}}"# + "\n"]])
    func linesThatCannotBeReadAreEstimated(_ unread: [String]) async throws {
        let followed = try Followed([last(Self.ended), last(Self.line("gpt-oss:120b", 10, 20) + unread[0])])
        await followed.look(after: 10, requests: 2)
        let records = try #require(followed.fixture.objects.metered.takeSoon())
        let estimated = records.filter { $0.exactness == .estimated }
        #expect(estimated.count == 1)
        // One of four lines: 100 input tokens, and 200 output tokens.
        #expect(records.reduce(0) { $0 + $1.units.inputTokens } == 110)
        #expect(records.reduce(0) { $0 + $1.units.outputTokens } == 220)
        #expect(records.reduce(0) { $0 + $1.cost.amount } == 110 * 900 + 220 * 4000)
    }

    /// The output is gone, or the batch with it: after some looks the bounds are charged.
    @Test(arguments: [[ended, nil, ended, nil, ended, nil], [nil, nil, nil]] as [[String?]])
    func outputThatIsGoneIsBilledByTheBounds(_ answers: [String?]) async throws {
        let followed = try Followed(answers.map { $0.map { last($0) } ?? last("{}", status: Self.missing) })
        let looks = answers.count / 3
        await followed.look(after: 10, requests: looks)
        await followed.look(after: 10, requests: 2 * looks)
        #expect(followed.isOpen)
        #expect(followed.state().reserved == Self.held)
        await followed.look(after: 20, requests: 3 * looks)
        let record = try followed.record()
        #expect(record.exactness == .estimated)
        #expect(record.units.inputTokens == 400)
        #expect(record.units.outputTokens == 800)
        #expect(record.cost == NanoEuros(400 * 900 + 800 * 4000))
        #expect(followed.state().used == record.cost.amount)
        #expect(followed.state().reserved == 0)
    }

    @Test func aBatchWithoutBoundsWhoseOutputIsGoneIsFlagged() async throws {
        let missing = last("{}", status: "410 Gone")
        let followed = try Followed([missing, missing, missing], lines: nil)
        for (seconds, count) in [(10, 1), (10, 2), (20, 3)] { await followed.look(after: seconds, requests: count) }
        let record = try followed.record(nil)
        #expect(record.exactness == .estimated)
        #expect(record.cost == .zero)
    }

    /// What breaks off, or cannot be decoded, is no basis for a bill. The second time no coding is asked for.
    @Test(arguments: [0, 20, -1])
    func outputIsBilledWhereItIsReadWhole(_ surplus: Int) async throws {
        let whole = gzip(storing: Array(Self.lines.utf8))
        let stored = Array((whole + whole)[..<(whole.count + surplus)])
        let head =
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\ncontent-length: \(stored.count)\r\n\r\n"
        let upstream = try ScriptedServer(
            [
                [.readRequest, .send(last(Self.ended)), .close],
                [.readRequest, .send(head), .sendBytes(stored), .close],
            ]
                + [last(Self.ended), last(Self.lines)].map { [.readRequest, .send($0), .close] })
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.own("batch-1", .batch)
        let batch = try #require(fixture.objects.all["batch-1"])
        let first = await fixture.gateway.bill(fixture.gateway.followBatch(batch))
        #expect(first == (surplus == 0 ? .billed : .failed))
        guard surplus != 0 else { return }
        fixture.gateway.batches.withLock { $0.note(first, of: "batch-1", at: fixture.gateway.clock.monotonic) }
        #expect(await fixture.gateway.bill(fixture.gateway.followBatch(batch)) == .billed)
        let codings = upstream.requests.withLock { $0.map { $0.contains("accept-encoding: gzip") } }
        #expect(codings == [false, true, false, false])
    }

    @Test func whatFailsIsTriedAgain() async throws {
        let short = last(Self.lines).replacing("content-length: ", with: "content-length: 1")
        let followed = try Followed([
            last("{}", status: "500 Internal Server Error"), last("[]"), last(Self.ended), short, last(Self.ended),
            last(Self.lines),
        ])
        for (seconds, count) in [(10, 1), (10, 2), (20, 4)] { await followed.look(after: seconds, requests: count) }
        #expect(followed.state().reserved == Self.held)
        await followed.look(after: 40, requests: 6)
        #expect(try followed.record().exactness == .exact)
    }

    @Test func aStoreThatIsOutOfReachIsTriedAgain() async throws {
        let followed = try Followed([last(Self.ended), last(Self.lines), last(Self.ended), last(Self.lines)])
        followed.fixture.objects.isOutOfReach.withLock { $0 = true }
        await followed.look(after: 10, requests: 2)
        #expect(followed.isOpen)
        followed.fixture.objects.isOutOfReach.withLock { $0 = false }
        await followed.look(after: 10, requests: 4)
        #expect(followed.state().used > 0)
        #expect(!followed.isOpen)
    }

    /// Another process has billed it: the hold ends, and the row is not charged again.
    @Test func aBatchIsChargedOnce() async throws {
        let followed = try Followed([last(Self.ended), last(Self.lines)])
        followed.fixture.objects.objects.withLock { $0["batch-1"]?.isMetered = true }
        await followed.look(after: 10, requests: 2)
        #expect(followed.state().reserved == 0)
        #expect(followed.state().used == 0)
        #expect(!followed.isOpen)
    }

    /// A predecessor may make batches while its connections last.
    @Test func theStoreIsReadAgain() async throws {
        let followed = try Followed([last(Self.ended), last(Self.lines), last(#"{"id":"batch-2","status":"failed"}"#)])
        await followed.look(after: 10, requests: 2)
        followed.fixture.own("batch-2", .batch)
        await followed.look(after: 280, requests: 2)
        await followed.look(after: 10, requests: 2)
        await followed.look(after: 10, requests: 3)
        #expect(followed.fixture.objects.all["batch-2"]?.isMetered == true)
    }

    @Test func nothingBeginsWhileTheGatewayDrains() async throws {
        let followed = try Followed([])
        followed.fixture.gateway.drain()
        await followed.look(after: 10, requests: 0)
        #expect(followed.isOpen)
    }

    // MARK: Clients

    private func fixture(_ answers: [String]) throws -> (GatewayFixture, ScriptedServer) {
        let upstream = try upstream(answers)
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.own("batch-1", .batch)
        return (fixture, upstream)
    }

    @Test func aBatchThatAClientSeesEndedIsBilledAtOnce() throws {
        let (fixture, upstream) = try fixture([
            last(Self.ended), last(Self.ended), last(Self.lines), last(Self.ended),
        ])
        let poll = fixture.request("/v1/batches/batch-1", method: "GET", key: fixture.matesKey)
        #expect(body(of: try #require(try fixture.answer(to: poll))) == Self.ended)
        #expect(try #require(fixture.objects.metered.takeSoon()).count == 2)
        _ = try fixture.answer(to: poll)
        #expect(upstream.requests.withLock { $0.count } == 4)
        #expect(fixture.usage.records.allSatisfy { $0.cost == .zero })
    }

    @Test func theFileOfRefusalsIsSimplyDeleted() throws {
        let (fixture, _) = try fixture([last(Self.ended), last(#"{"id":"err","deleted":true}"#)])
        fixture.own("err", batchID: "batch-1")
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files/err", method: "DELETE")))
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(fixture.objects.all["batch-1"]?.isMetered == false)
    }

    @Test func outputIsBilledBeforeItIsDeleted() throws {
        let (fixture, upstream) = try fixture([
            last(Self.ended), last(Self.ended), last(Self.lines), last(#"{"id":"out","deleted":true}"#),
        ])
        fixture.own("out", batchID: "batch-1")
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files/out", method: "DELETE")))
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(try #require(fixture.objects.metered.takeSoon()).count == 2)
        #expect(upstream.requests.withLock { $0.map { $0.prefix(3) } } == ["GET", "GET", "GET", "DEL"])
        #expect(fixture.objects.all["out"] == nil)
    }

    @Test func outputThatCannotBeBilledIsNotDeleted() throws {
        let (fixture, _) = try fixture([
            last(Self.ended), last(Self.ended), last("{}", status: "500 Internal Server Error"),
        ])
        fixture.own("out", batchID: "batch-1")
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files/out", method: "DELETE")))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        #expect(fixture.objects.all["out"] != nil)
    }
}

extension Gateway {
    /// Bills `open` on the gateway's loop.
    fileprivate func bill(_ open: BatchSchedule.Entry) async -> BatchSchedule.Look {
        await withCheckedContinuation { done in
            loops[0].spawn { [self] in done.resume(returning: await bill(open, on: loops[0])) }
        }
    }
}

/// `bytes` as gzip (RFC 1952), in one stored block.
func gzip(storing bytes: [UInt8]) -> [UInt8] {
    var checksum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        checksum ^= UInt32(byte)
        for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    func littleEndian(_ number: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
    }
    let length = UInt32(bytes.count)
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + littleEndian(length, 2) + littleEndian(~length, 2) + bytes
        + littleEndian(~checksum, 4) + littleEndian(length, 4)
}
