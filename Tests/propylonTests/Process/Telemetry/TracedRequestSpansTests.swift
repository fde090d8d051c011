import Clocks
import Foundation
import Gateway
import HTTPClient
import OpenAIAPI
import Policy
import Telemetry
import Testing

@testable import propylon

/// Requests as spans: names, attributes and states by the semantic conventions.
@Suite struct TracedRequestSpansTests {
    private static let id = RequestID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001)

    private static func record(_ change: (inout UsageRecord) -> Void = { _ in }) -> UsageRecord {
        let start = Timestamp(seconds: 1000)
        var record = UsageRecord(
            id: id, keyID: "abcdefghjk", team: "research", endpoint: "chat/completions", startedAt: start)
        record.modelAsked = "gpt-4o"
        record.modelServed = "gpt-oss:120b"
        record.user = "zoë"
        record.tags = ["secret project"]
        record.status = 200
        record.streamed = true
        record.upstreamID = "chatcmpl-1"
        record.firstByteAt = start + .milliseconds(300)
        record.units.inputTokens = 12
        record.units.outputTokens = 30
        record.units.reasoningTokens = 5
        record.cost = NanoEuros(1_234_000)
        change(&record)
        return record
    }

    private static func request(
        _ endpoint: Endpoint? = .chatCompletions, method: String = "POST", status: Int = 200,
        failure: RequestFailure? = nil, record: UsageRecord? = record(), call: UpstreamCall? = call(200),
        flags: TraceContext.Flags = .sampled, parent: SpanID? = SpanID(7)
    ) throws -> TracedRequest {
        let trace = try #require(TraceID(high: 1, low: 2))
        return TracedRequest(
            entry: AccessEntry(
                id: id, startedAt: Timestamp(seconds: 1000), duration: .seconds(2), method: method,
                path: "/v1/chat/completions", status: status, failure: failure, record: record),
            endpoint: endpoint, isSecure: true,
            place: TracePlace(
                server: TraceContext(trace, try #require(SpanID(8)), flags),
                client: TraceContext(trace, try #require(SpanID(9)), flags), parent: parent),
            call: call)
    }

    private static func call(_ status: Int?) -> UpstreamCall {
        UpstreamCall(
            upstream: Origin(host: "api.example.com", port: 443, isSecure: true),
            sentAt: Timestamp(seconds: 1000) + .milliseconds(50), status: status, model: "gpt-oss:120b-2026")
    }

    /// The attributes as a collector reads them, each value as text.
    private func attributes(_ span: TraceSpan) throws -> [String: String] {
        let body = ExportRequest(resource: Attributes(), scope: "a", version: "1").body([span])
        var value = try JSONSerialization.jsonObject(with: Data(body))
        for name in ["resourceSpans", "scopeSpans", "spans"] {
            value = try #require((value as? [String: Any])?[name] as? [Any]).first ?? ""
        }
        let pairs = try #require((value as? [String: Any])?["attributes"] as? [[String: Any]])
        return try Dictionary(
            pairs.map { pair in
                let value = try #require((pair["value"] as? [String: Any])?.values.first)
                return (try #require(pair["key"] as? String), "\(value)")
            }, uniquingKeysWith: { first, _ in "\(first) twice" })
    }

    @Test func aStreamedChat() throws {
        let spans = try Self.request().spans
        try #require(spans.count == 2)
        let (server, client) = (spans[0], spans[1])
        #expect(server.name == "POST /v1/chat/completions")
        #expect(server.kind == .server)
        #expect(server.parent == SpanID(7))
        #expect(server.isParentRemote)
        #expect(server.end - server.start == .seconds(2))
        #expect(
            try attributes(server) == [
                "http.request.method": "POST", "http.route": "/v1/chat/completions",
                "url.path": "/v1/chat/completions", "url.scheme": "https", "http.response.status_code": "200",
                "propylon.request.id": Self.id.description, "propylon.key.id": "abcdefghjk",
                "propylon.team": "research", "propylon.ending": "complete", "propylon.cost_eur": "0.001234",
            ])
        #expect(client.name == "chat gpt-oss:120b")
        #expect(client.kind == .client)
        #expect(client.parent == server.context.span)
        #expect(!client.isParentRemote)
        #expect(client.end - client.start == .milliseconds(1950))
        #expect(
            try attributes(client) == [
                "server.address": "api.example.com", "server.port": "443", "http.response.status_code": "200",
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-oss:120b", "gen_ai.response.model": "gpt-oss:120b-2026",
                "gen_ai.response.id": "chatcmpl-1", "gen_ai.request.stream": "1",
                "gen_ai.response.time_to_first_chunk": "0.25", "gen_ai.usage.input_tokens": "12",
                "gen_ai.usage.output_tokens": "30", "gen_ai.usage.reasoning.output_tokens": "5",
                "propylon.usage.exactness": "exact",
            ])
        #expect(!server.hasFailed)
        #expect(!client.hasFailed)
    }

    @Test func tracesThatAreNotRecordedHaveNoSpans() throws {
        #expect(try Self.request(flags: .random).spans.isEmpty)
        var request = try Self.request()
        request.place = nil
        #expect(request.spans.isEmpty)
    }

    @Test func whatWasNotSentHasNoClientSpan() throws {
        let failure = RequestFailure(
            .rateLimit, limit: LimitName("key:requests_per_minute"), wasSent: false, error: nil, ending: .refused)
        let record = Self.record { record in
            record.status = 429
            record.ending = .refused
        }
        let spans = try Self.request(status: 429, failure: failure, record: record, call: nil).spans
        #expect(spans.map(\.kind) == [.server])
        // A refusal is no failure of the server, and is told all the same.
        #expect(!spans[0].hasFailed)
        let found = try attributes(spans[0])
        #expect(found["error.type"] == nil)
        #expect(found["propylon.cause"] == "rate_limit_exceeded")
        #expect(found["propylon.limit"] == "key:requests_per_minute")
        #expect(found["http.response.status_code"] == "429")
    }

    @Test func withoutAKeyThereIsOnlyHTTP() throws {
        let spans = try Self.request(nil, method: "BREW", status: 401, record: nil, call: nil).spans
        #expect(spans.map(\.name) == ["HTTP"])
        #expect(
            try attributes(spans[0]) == [
                "http.request.method": "_OTHER", "url.path": "/v1/chat/completions", "url.scheme": "https",
                "http.response.status_code": "401", "propylon.request.id": Self.id.description,
            ])
    }

    @Test(arguments: [
        (Ending.upstreamFailed, 502, true), (.upstreamInterrupted, 200, true), (.upstreamTimeout, 504, true),
        (.drained, 200, true), (.overrun, 200, true), (.complete, 500, true), (.complete, 404, false),
        (.clientGone, 499, false), (.clientGone, 200, false), (.refused, 503, true), (.refused, 400, false),
        (.keyRefused, 101, false), (.idleTimeout, 101, false),
    ])
    func failuresOfServers(ending: Ending, status: Int, hasFailed: Bool) throws {
        let record = Self.record { record in
            record.status = status
            record.ending = ending
        }
        let failure = RequestFailure(.upstreamInterrupted, wasSent: true, error: nil, ending: ending)
        let spans = try Self.request(status: status, failure: failure, record: record).spans
        #expect(spans.map(\.hasFailed) == [hasFailed, hasFailed])
        for span in spans {
            #expect(try attributes(span)["error.type"] == (hasFailed ? "upstream_interrupted" : nil))
        }
        #expect(try attributes(spans[0])["http.response.status_code"] == (status == 499 ? nil : String(status)))
    }

    /// An error that the upstream answers with is a failure of the call, and not of the gateway.
    @Test func errorsOfTheUpstream() throws {
        let failure = RequestFailure(.upstreamRejected, wasSent: true, error: nil, ending: .complete)
        let spans = try Self.request(
            status: 404, failure: failure, record: Self.record { $0.status = 404 }, call: Self.call(404)
        ).spans
        #expect(spans.map(\.hasFailed) == [false, true])
        #expect(try spans.map { try attributes($0)["error.type"] } == [nil, "upstream_rejected"])
        let withoutCause = try Self.request(status: 502, record: nil, call: Self.call(nil)).spans
        #expect(try attributes(withoutCause[0])["error.type"] == "502")
    }

    @Test func noUserTagOrSecretIsThere() throws {
        let text = try Self.request().spans.map { "\(try attributes($0))" }.joined()
        for word in ["zoë", "secret project", "gpt-4o"] { #expect(!text.contains(word), "\(word)") }
    }

    @Test(arguments: Endpoint.allCases) func everyEndpointHasARoute(endpoint: Endpoint) throws {
        let spans = try Self.request(endpoint).spans
        try #require(spans.count == 2)
        #expect(spans[0].name.hasPrefix("POST /v1/"))
        #expect(try attributes(spans[0])["http.route"]?.hasPrefix("/v1/") == true)
        let operation = try attributes(spans[1])["gen_ai.operation.name"]
        #expect(spans[1].name == (operation.map { "\($0) gpt-oss:120b" } ?? spans[0].name))
        #expect(try Self.request(endpoint).modelCall?.operation == operation)
    }

    @Test func aStreamIsMeasured() throws {
        let call = try #require(try Self.request().modelCall)
        #expect(call.operation == "chat")
        #expect(call.requestModel == "gpt-oss:120b")
        #expect(call.responseModel == "gpt-oss:120b-2026")
        #expect(call.error.isEmpty)
        #expect(call.duration == 2_000_000)
        #expect(call.timeToFirstToken == 300_000)
        #expect([call.inputTokens, call.outputTokens] == [12, 30])
    }

    @Test func aWholeResponseHasNoFirstToken() throws {
        let call = try #require(try Self.request(record: Self.record { $0.streamed = false }).modelCall)
        #expect(call.timeToFirstToken == nil)
    }

    @Test func refusalsAreMeasuredWithTheirCause() throws {
        let failure = RequestFailure(.budget, wasSent: false, error: nil, ending: .refused)
        let call = try #require(try Self.request(status: 429, failure: failure, call: nil).modelCall)
        #expect(call.error == "budget_exceeded")
        #expect(call.responseModel.isEmpty)
    }
}
