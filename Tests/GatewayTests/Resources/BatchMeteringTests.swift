import Clocks
import HTTP1
import Loopback
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

@Suite(.ownThread) struct BatchMeteringTests {
    private static func line(_ model: String, _ prompt: Int, _ completion: Int) -> String {
        #"{"custom_id":"1","response":{"status_code":200,"body":{"model":"\#(model)","usage":{"prompt_tokens":\#(prompt),"completion_tokens":\#(completion)}}}}"#
            + "\n"
    }

    private static let lines = line("gpt-oss:120b", 10, 20) + line("granite", 5, 0) + line("gpt-oss:120b", 1, 2)
    private static let ended = #"{"id":"batch-1","status":"completed","output_file_id":"out","error_file_id":null}"#

    private func fixture(_ answers: [String]) throws -> (GatewayFixture, ScriptedServer) {
        let upstream = try upstream(answers)
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.own("batch-1", .batch)
        return (fixture, upstream)
    }

    private func expectLines(_ records: [UsageRecord]?, of fixture: GatewayFixture) throws {
        let records = try #require(records).sorted { ($0.modelServed ?? "") < ($1.modelServed ?? "") }
        #expect(records.map(\.modelServed) == ["gpt-oss:120b", "granite"])
        #expect(records.map(\.units.inputTokens) == [11, 5])
        #expect(records.map(\.units.outputTokens) == [22, 0])
        #expect(records.map(\.cost) == [NanoEuros(11 * 900 + 22 * 4000), NanoEuros(5 * 900)])
        for record in records {
            #expect(record.keyID == fixture.keyID)
            #expect(record.team == "team")
            #expect(record.endpoint == "batches")
            #expect(record.exactness == .exact)
            #expect(record.status == 200)
        }
    }

    @Test func aBatchThatHasEndedIsMeteredInTheBackground() throws {
        let (fixture, upstream) = try fixture([last(Self.ended), last(Self.lines), last(Self.ended)])
        let poll = fixture.request("/v1/batches/batch-1", method: "GET", key: fixture.matesKey)
        #expect(body(of: try #require(try fixture.answer(to: poll))) == Self.ended)
        try expectLines(fixture.objects.metered.takeSoon(), of: fixture)
        let fetch = upstream.requests.withLock { $0[1] }
        #expect(fetch.hasPrefix("GET /v1/files/out/content HTTP/1.1\r\n"))
        #expect(fetch.contains("authorization: Bearer upstream-secret\r\n"))
        _ = try fixture.answer(to: poll)
        #expect(upstream.requests.withLock { $0.count } == 3)
        #expect(fixture.usage.records.allSatisfy { $0.cost == .zero })
    }

    @Test func theMakersLimitsAreCharged() throws {
        var tier = Tier(name: "limited")
        tier[.outputTokensPerDay] = 100
        let policies = Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited")
        let upstream = try upstream([last(Self.lines), last(Self.ended)])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies)
        fixture.own("batch-1", .batch)
        fixture.own("out", batchID: "batch-1")
        let read = fixture.request("/v1/files/out/content", method: "GET", key: fixture.matesKey)
        _ = try fixture.answer(to: read)
        #expect(fixture.limiter.states(of: fixture.record, at: .now)[0].used == 22)
    }

    @Test func outputIsMeteredAsItPasses() throws {
        let (fixture, _) = try fixture([last(Self.lines), last(Self.ended), last(Self.lines)])
        fixture.own("out", batchID: "batch-1")
        for _ in 0..<2 {
            let answer = try fixture.answer(to: fixture.request("/v1/files/out/content", method: "GET"))
            #expect(body(of: try #require(answer)) == Self.lines)
            #expect(fixture.objects.all["batch-1"]?.isMetered == true)
        }
        try expectLines(fixture.objects.metered.takeSoon(), of: fixture)
    }

    /// A second stream behind the first, which does not pass, and a stream that is cut, are no basis for a bill.
    @Test(arguments: [(0, true), (20, false), (-1, false)])
    func compressedOutputIsMeteredWhereItIsReadWhole(_ surplus: Int, _ isMetered: Bool) throws {
        let whole = gzip(storing: Array(Self.lines.utf8))
        let stored = Array((whole + whole)[..<(whole.count + surplus)])
        var reader = ResponseHeadReader(limit: 1000, answeringHEAD: false)
        let text = Array("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 9\r\n\r\n".utf8)
        guard case .complete(let head, _) = try reader.read(text.span) else {
            Issue.record("the head is not read")
            return
        }
        for split in stored.indices {
            let view = ResponseTransform(
                head, endpoint: .files, readers: EventReaders(), hidesUsage: false,
                secrets: UpstreamSecrets([]))
            view.batchOutput = BatchOutputScanner()
            var output: [UInt8] = []
            for piece in [Array(stored[..<split]), Array(stored[split...])] { view.receive(piece.span, to: &output) }
            view.finish(to: &output)
            #expect(stored.starts(with: output))
            #expect((output == stored) == (surplus <= 0))
            #expect(view.batchOutput?.sums["gpt-oss:120b"]?.promptTokens == (isMetered ? 11 : nil))
        }
    }

    @Test func whatBrokeOffIsNotMetered() throws {
        let short = last(Self.lines).replacing("content-length: ", with: "content-length: 1")
        let part = last(Self.lines, status: "206 Partial Content")
        let (fixture, _) = try fixture([short, part, last(Self.lines), last(Self.ended)])
        fixture.own("out", batchID: "batch-1")
        let request = fixture.request("/v1/files/out/content", method: "GET")
        for isMetered in [false, false, true] {
            _ = try fixture.answer(to: request)
            #expect(fixture.objects.all["batch-1"]?.isMetered == isMetered)
        }
    }

    @Test(arguments: [
        #"{"id":"batch-1","status":"completed","output_file_id":"other","error_file_id":"out"}"#,
        #"{"id":"batch-1","status":"in_progress","output_file_id":"out"}"#, #"{"error":{}}"#,
    ])
    func onlyTheOutputOfABatchThatHasEndedIsABill(_ batch: String) throws {
        let (fixture, _) = try fixture([last(Self.lines), last(batch)])
        fixture.own("out", batchID: "batch-1")
        let answer = try fixture.answer(to: fixture.request("/v1/files/out/content", method: "GET"))
        #expect(body(of: try #require(answer)) == Self.lines)
        #expect(fixture.objects.all["batch-1"]?.isMetered == false)
    }

    @Test func theFileOfRefusalsIsSimplyDeleted() throws {
        let (fixture, _) = try fixture([last(Self.ended), last(#"{"id":"err","deleted":true}"#)])
        fixture.own("err", batchID: "batch-1")
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files/err", method: "DELETE")))
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(fixture.objects.all["batch-1"]?.isMetered == false)
    }

    @Test func outputIsMeteredBeforeItIsDeleted() throws {
        let (fixture, upstream) = try fixture([
            last(Self.ended), last(Self.lines), last(#"{"id":"out","deleted":true}"#),
        ])
        fixture.own("out", batchID: "batch-1")
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files/out", method: "DELETE")))
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        try expectLines(fixture.objects.metered.takeSoon(), of: fixture)
        #expect(upstream.requests.withLock { $0.map { $0.prefix(3) } } == ["GET", "GET", "DEL"])
        #expect(fixture.objects.all["out"] == nil)
    }

    @Test func outputThatCannotBeMeteredIsNotDeleted() throws {
        let (fixture, _) = try fixture([last(Self.ended), last("{}", status: "500 Internal Server Error")])
        fixture.own("out", batchID: "batch-1")
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files/out", method: "DELETE")))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        #expect(fixture.objects.all["out"] != nil)
    }

    @Test func whatTheNextLookFindsIsMeteredThen() throws {
        let (fixture, _) = try fixture([
            last(Self.ended), last("{}", status: "500 Internal Server Error"), last(Self.lines), last(Self.ended),
        ])
        _ = try fixture.answer(to: fixture.request("/v1/batches/batch-1", method: "GET"))
        // The reader takes its turn before the next request: one upstream connection after the other.
        _ = try fixture.answer(to: fixture.request("/v1/files/out/content", method: "GET"))
        try expectLines(fixture.objects.metered.takeSoon(), of: fixture)
    }

    @Test func theQueueTakesABatchOnceAndIsBounded() {
        func job(_ number: Int) -> BatchQueue.Job {
            let batch = OwnedResource(
                id: "\(number)", kind: .batch, keyID: "k", team: nil, createdAt: Timestamp(seconds: 0))
            return BatchQueue.Job(batch: batch, outputFileID: "f")
        }
        var queue = BatchQueue()
        let wanted = (0..<2000).map { queue.add(job($0 / 2)) }
        #expect(wanted.count { $0 } == 2)
        for number in 1000..<3000 { _ = queue.add(job(number)) }
        var taken: [String] = []
        var present = queue.next(after: nil)
        while let job = present {
            taken.append(job.batch.id)
            present = queue.next(after: job)
        }
        #expect(taken == (0..<1024).map(String.init))
        let again = queue.add(job(1))
        #expect(again)
    }
}

/// `bytes`, fewer than 65,536, as gzip (RFC 1952), in one stored block.
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
