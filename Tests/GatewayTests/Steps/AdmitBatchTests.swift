import Clocks
import Loopback
import ManualTime
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

@Suite(.ownThread) struct AdmitBatchTests {
    private static let create = #"{"input_file_id":"in","endpoint":"/v1/chat/completions","completion_window":"24h"}"#
    private static let created = #"{"id":"batch-1","object":"batch","status":"validating"}"#

    private static func lines(_ models: String..., output: Int64 = 100) -> BatchLines {
        var part = BatchLines.Part()
        part.lines = 1
        part.likelyInputTokens = 50
        part.mostInputTokens = 100
        part.outputTokens = output
        return BatchLines(
            url: "/v1/chat/completions", models: Dictionary(uniqueKeysWithValues: models.map { ($0, part) }),
            largestOutput: output)
    }

    private static func policies(_ change: (inout Tier) -> Void) -> Policies {
        var tier = Tier(name: "limited")
        change(&tier)
        return Policies(
            tiers: TierTable(overriding: [tier]), defaultTier: "limited",
            models: ModelTable(aliases: ["gpt-4o": "gpt-oss:120b"]))
    }

    private func fixture(
        _ answers: [String] = [], _ lines: BatchLines?, models: [String]? = nil,
        _ change: (inout Tier) -> Void = { _ in }
    ) throws -> (GatewayFixture, ScriptedServer) {
        let upstream = try upstream(answers)
        let fixture = try GatewayFixture(upstream: upstream.address, policies: Self.policies(change), models: models)
        fixture.own("in")
        fixture.objects.objects.withLock { $0["in"]?.lines = lines }
        return (fixture, upstream)
    }

    private func creation(_ fixture: GatewayFixture, _ body: String = create) throws -> String {
        try #require(try fixture.answer(to: fixture.request("/v1/batches", body: body)))
    }

    private func reserved(_ fixture: GatewayFixture) -> Int64 {
        fixture.limiter.states(of: fixture.record, at: fixture.gateway.clock.limitTime)[0].reserved
    }

    @Test func aBatchIsHeldFromItsCreation() throws {
        let (fixture, upstream) = try fixture([last(Self.created)], Self.lines("gpt-oss:20b")) {
            $0[.budgetPerDay] = 800_000
        }
        #expect(try creation(fixture).hasPrefix("HTTP/1.1 200 "))
        let held: Int64 = 100 * 900 + 100 * 4000
        #expect(reserved(fixture) == held)
        #expect(fixture.objects.all["batch-1"]?.lines?.models["gpt-oss:20b"]?.outputTokens == 100)
        // The next one does not fit beside it, and is not sent.
        let refused = try creation(fixture)
        #expect(refused.hasPrefix("HTTP/1.1 429 "))
        #expect(refused.contains(#""code":"budget_exceeded""#))
        #expect(refused.contains("are held by requests and batches in flight"))
        #expect(reserved(fixture) == held)
        #expect(upstream.requests.withLock { $0.count } == 1)
        #expect(fixture.usage.records.map(\.status) == [200, 429])
    }

    @Test(arguments: ["400 Bad Request", "500 Internal Server Error"])
    func aBatchThatIsNotMadeHoldsNothing(_ status: String) throws {
        let (fixture, _) = try fixture([last("{}", status: status)], Self.lines("m")) { $0[.budgetPerDay] = 1 << 40 }
        #expect(try creation(fixture).hasPrefix("HTTP/1.1 \(status.prefix(3)) "))
        #expect(reserved(fixture) == 0)
    }

    @Test func aBatchThatOtherLimitsRefuseHoldsNothing() throws {
        let (fixture, _) = try fixture([last(Self.created)], Self.lines("m")) {
            $0[.budgetPerDay] = 1 << 40
            $0[.requestsPerMinute] = 1
        }
        #expect(try creation(fixture).hasPrefix("HTTP/1.1 200 "))
        let held = reserved(fixture)
        #expect(try creation(fixture).hasPrefix("HTTP/1.1 429 "))
        #expect(reserved(fixture) == held)
    }

    /// The upstream runs a batch at its own pace, so that a minute or an hour is no measure.
    @Test func limitsOfAMinuteOrAnHourDoNotHoldABatch() throws {
        let (fixture, _) = try fixture([last(Self.created)], Self.lines("m")) {
            $0[.tokensPerMinute] = 1
            $0[.outputTokensPerHour] = 1
        }
        #expect(try creation(fixture).hasPrefix("HTTP/1.1 200 "))
    }

    @Test func aLineMayNotAskForMoreThanARequest() throws {
        let (fixture, _) = try fixture([], Self.lines("m", output: 11)) { $0[.maxOutputTokens] = 10 }
        let answer = try creation(fixture)
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains(#""code":"max_tokens_exceeded""#))
    }

    @Test func aKeyWithSomeModelsMayUseTheseInABatch() throws {
        let (fixture, _) = try fixture(
            [last(Self.created)], Self.lines("gpt-oss:20b", "gpt-oss:120b"), models: ["gpt-oss:*"])
        #expect(try creation(fixture).hasPrefix("HTTP/1.1 200 "))
        fixture.objects.objects.withLock { $0["in"]?.lines = Self.lines("gpt-oss:20b", "llama3.3:70b") }
        let refused = try creation(fixture)
        #expect(refused.hasPrefix("HTTP/1.1 403 "))
        #expect(refused.contains(#""code":"model_not_allowed""#))
        #expect(refused.contains("llama3.3:70b"))
    }

    @Test func theEndpointOfTheLinesHasToBeAllowedToo() throws {
        let (fixture, _) = try fixture([], Self.lines("m")) {
            $0.endpoints = ["batches", "files", "embeddings"].map { NamePattern($0) }
        }
        let refused = try creation(fixture)
        #expect(refused.hasPrefix("HTTP/1.1 403 "))
        #expect(refused.contains("chat/completions"))
    }

    @Test func anAliasIsRefusedWithTheNameToUse() throws {
        let (fixture, _) = try fixture([], Self.lines("gpt-4o"))
        let refused = try creation(fixture)
        #expect(refused.hasPrefix("HTTP/1.1 400 "))
        #expect(refused.contains(#""code":"invalid_batch_input""#))
        #expect(refused.contains("gpt-oss:120b"))
    }

    @Test func linesForAnotherEndpointAreRefused() throws {
        let (fixture, _) = try fixture([], Self.lines("m"))
        let refused = try creation(fixture, Self.create.replacing("chat/completions", with: "embeddings"))
        #expect(refused.hasPrefix("HTTP/1.1 400 "))
        #expect(refused.contains("'/v1/chat/completions'"))
        #expect(refused.contains("'/v1/embeddings'"))
    }

    /// The file was uploaded before, or by another way: the gateway reads it, once.
    @Test func linesThatWereNotSeenAreRead() throws {
        let line = #"{"url":"/v1/chat/completions","body":{"model":"gpt-oss:20b","max_tokens":100}}"#
        let (fixture, upstream) = try fixture([last(line), last(Self.created), last(Self.created)], nil) {
            $0[.outputTokensPerDay] = 1000
        }
        for _ in 0..<2 { #expect(try creation(fixture).hasPrefix("HTTP/1.1 200 ")) }
        #expect(fixture.objects.all["in"]?.lines?.models["gpt-oss:20b"]?.outputTokens == 100)
        let paths = upstream.requests.withLock { $0.map { $0.prefix { !$0.isNewline } } }
        #expect(
            paths == ["GET /v1/files/in/content HTTP/1.1", "POST /v1/batches HTTP/1.1", "POST /v1/batches HTTP/1.1"])
    }

    @Test(arguments: [
        ("200 OK", "no line", "HTTP/1.1 400 "), ("404 Not Found", "{}", "HTTP/1.1 404 "),
        ("500 Internal Server Error", "{}", "HTTP/1.1 502 "),
    ])
    func linesThatCannotBeReadAreNotFree(_ status: String, _ content: String, _ expected: String) throws {
        let (fixture, upstream) = try fixture([last(content, status: status)], nil)
        #expect(try creation(fixture).hasPrefix(expected))
        #expect(upstream.requests.withLock { $0.count } == 1)
    }

    @Test func linesAreReadAsTheFilePasses() throws {
        let line = #"{"url":"/v1/chat/completions","body":{"model":"gpt-oss:20b","max_tokens":100}}"#
        let (fixture, _) = try fixture([last(#"{"id":"file-1","object":"file"}"#)], nil)
        let content =
            "--xYz\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--xYz\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\(line)\r\n--xYz--\r\n"
        let request =
            "POST /v1/files HTTP/1.1\r\nhost: g\r\nauthorization: Bearer \(fixture.key)\r\nconnection: close\r\ncontent-type: multipart/form-data; boundary=xYz\r\ncontent-length: \(content.utf8.count)\r\n\r\n\(content)"
        #expect(try #require(try fixture.answer(to: request)).hasPrefix("HTTP/1.1 200 "))
        #expect(fixture.objects.all["file-1"]?.lines?.models["gpt-oss:20b"]?.outputTokens == 100)
    }
}
