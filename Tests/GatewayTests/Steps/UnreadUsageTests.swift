import Loopback
import OpenAIAPI
import Policy
import Testing

@testable import Gateway

/// A success whose usage the gateway cannot read is estimated, flagged and charged, on every path.
@Suite(.ownThread) struct UnreadUsageTests {
    private static let words = String(repeating: "word ", count: 400)
    private static let request = #"{"model":"gpt-oss:120b","input":"\#(words)","messages":[{"content":"\#(words)"}]}"#

    private func policies(budget: Int64 = 1_000_000_000) -> Policies {
        var tier = Tier(name: "limited")
        tier[.budgetPerDay] = budget
        return Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited")
    }

    private func row(
        _ path: String, _ answer: String, type: String = "application/json", method: String = "POST"
    ) throws -> (UsageRecord, GatewayFixture) {
        let upstream = try upstream([http(answer, type: type, fields: "connection: close\r\n")])
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies()) {
            $0.nativeAPIs = Dialect.allCases
        }
        let request = fixture.request(path, method: method, body: Self.request)
        #expect(try #require(try fixture.answer(to: request)).hasPrefix("HTTP/1.1 200 "))
        return (try fixture.usage.only(), fixture)
    }

    @Test(arguments: [
        "/v1/messages", "/v1/responses", "/v1/moderations", "/v1/any/thing", "/v1/chat/completions", "/v1/completions",
    ])
    func whatIsNotStatedIsEstimated(path: String) throws {
        // The text of each known form.
        let text = String(repeating: "answer ", count: 100)
        let answer = """
            {"id":"x","content":[{"type":"text","text":"\(text)"}],"output":[{"content":[{"text":"\(text)"}]}],
            "choices":[{"message":{"content":"\(text)"}}]}
            """
        let (record, fixture) = try row(path, answer)
        #expect(record.exactness == .estimated)
        #expect(record.units.inputTokens > 400 || path == "/v1/completions")
        #expect(record.units.outputTokens > 100)
        #expect(record.cost > .zero)
        let state = fixture.limiter.states(of: fixture.record, at: .now).first { $0.kind == .budgetPerDay }
        #expect(state?.used == record.cost.amount)
        #expect(state?.reserved == 0)
    }

    @Test(arguments: ["text/plain", "application/x-ndjson", "text/html; charset=utf-8"])
    func textOfAnyKindIsOutput(type: String) throws {
        let (record, _) = try row("/v1/any", String(repeating: "x", count: 4000), type: type)
        #expect(record.units.outputTokens == 1000)
        #expect(record.exactness == .estimated)
    }

    @Test func anImageIsNoText() throws {
        let (record, _) = try row("/v1/any", String(repeating: "x", count: 4000), type: "image/png")
        #expect(record.units.outputTokens == 0)
        #expect(record.units.inputTokens > 0)
        #expect(record.exactness == .estimated)
    }

    @Test func jsonThatBreaksOffIsStillOutput() throws {
        let (record, _) = try row("/v1/any", #"{"a":}"# + String(repeating: "x", count: 4000))
        #expect(record.units.outputTokens >= 1000)
    }

    @Test func statedUsageIsExact() throws {
        let (record, _) = try row("/v1/any", #"{"meta":{"billed_units":{"input_tokens":7,"output_tokens":9}}}"#)
        #expect(record.units.inputTokens == 7)
        #expect(record.units.outputTokens == 9)
        #expect(record.exactness == .exact)
    }

    @Test func anAnthropicStreamIsExact() throws {
        let stream = """
            event: message_start\ndata: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":25,\
            "cache_read_input_tokens":100,"cache_creation_input_tokens":10,"output_tokens":1}}}\n\n\
            event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}\n\n\
            event: message_delta\ndata: {"type":"message_delta","delta":{},"usage":{"output_tokens":15}}\n\n\
            event: message_stop\ndata: {"type":"message_stop"}\n\n
            """
        for path in ["/v1/messages", "/v1/some/messages"] {
            let (record, _) = try row(path, stream, type: "text/event-stream")
            #expect(record.units.inputTokens == 135, "\(path)")
            #expect(record.units.cachedTokens == 100)
            #expect(record.units.outputTokens == 15)
            #expect(record.exactness == .exact)
        }
    }

    @Test func aStreamOfResponsesIsExact() throws {
        let stream = """
            data: {"type":"response.output_text.delta","delta":"Hi"}\n\n\
            data: {"type":"response.completed","response":{"usage":{"input_tokens":75,"output_tokens":1186,\
            "output_tokens_details":{"reasoning_tokens":1024},"input_tokens_details":{"cached_tokens":5},\
            "total_tokens":1261}}}\n\n
            """
        for path in ["/v1/responses", "/v1/some/responses"] {
            let (record, _) = try row(path, stream, type: "text/event-stream")
            #expect(record.units.inputTokens == 75, "\(path)")
            #expect(record.units.outputTokens == 1186)
            #expect(record.units.reasoningTokens == 1024)
            #expect(record.units.cachedTokens == 5)
            #expect(record.exactness == .exact)
        }
    }

    @Test func unknownUnitsRaiseAnAlarm() throws {
        let (record, fixture) = try row("/v1/any", #"{"usage":{"neurons":12.5}}"#)
        #expect(record.exactness == .estimated)
        #expect(fixture.warnings.unread.takeSoon() == "other")
        for body in [#"{"usage":{"input_tokens":7,"output_tokens":9}}"#, #"{"usage":{}}"#, "{}"] {
            let (_, fixture) = try row("/v1/any", body)
            fixture.warnings.unread.put("nothing")
            #expect(fixture.warnings.unread.takeSoon() == "nothing")
        }
    }

    @Test func whatIsReadIsNotBilledAgain() throws {
        let (record, _) = try row(
            "/v1/stored/resp_1", #"{"usage":{"input_tokens":7,"output_tokens":9}}"#, method: "GET")
        #expect(record.units == BillableUnits())
        #expect(record.exactness == .exact)
    }

    /// 0.1 EUR let 30,000 tokens through, since each row was an exact zero.
    @Test func aBudgetEndsOnUnknownPathsToo() throws {
        let answer = http(#"{"x":"\#(String(repeating: "y", count: 20_000))"}"#, fields: "connection: close\r\n")
        let upstream = try upstream(Array(repeating: answer, count: 10))
        let fixture = try GatewayFixture(upstream: upstream.address, policies: policies(budget: 100_000_000))
        var statuses: [Substring] = []
        for _ in 0..<10 {
            let request = fixture.request("/v1/any", body: #"{"model":"gpt-oss:120b","prompt":"hello"}"#)
            statuses.append(try #require(try fixture.answer(to: request)).split(separator: " ")[1])
        }
        #expect(statuses.contains("200"))
        #expect(statuses.last == "429")
        #expect(upstream.requests.withLock { $0.count } == statuses.count { $0 == "200" })
    }
}
