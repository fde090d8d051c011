import Clocks
import Foundation
import Loopback
import ManualTime
import Policy
import Synchronization
import Telemetry
import Testing

@testable import Gateway

/// `traceparent` through the gateway, and what a collector is told, end to end.
@Suite(.ownThread) struct RequestTelemetryTests {
    private static let chat = #"{"model":"m","messages":[]}"#
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let answer = http(#"{"id":"chatcmpl-1","model":"m-v2","choices":[]}"#)

    /// Keeps what is reported.
    private final class Sink: TelemetrySink {
        private let reported = Mutex<[TracedRequest]>([])
        var all: [TracedRequest] { reported.withLock { $0 } }
        func report(_ request: TracedRequest) { reported.withLock { $0.append(request) } }
    }

    private let sink = Sink()

    private func telemetry(share: Int64? = 1_000_000, measures: Bool = false) -> RequestTelemetry {
        RequestTelemetry(sampler: share.map { TraceSampler(millionths: $0) }, measures: measures, sink: sink)
    }

    private func server(_ answers: [String] = [answer]) throws -> ScriptedServer {
        try ScriptedServer(answers.map { [.readRequest, .send($0), .close] })
    }

    /// Sends `request` and waits until it has been reported, or never will be.
    private func send(_ request: String, _ fixture: GatewayFixture) async throws -> String {
        let answer = try #require(try fixture.answer(to: request))
        let isOver = await eventually { fixture.gateway.metrics.inFlight.value == 0 }
        #expect(isOver)
        return answer
    }

    /// The fields that the upstream gets of a chat with `fields`.
    private func upstreamFields(_ fields: String, _ telemetry: RequestTelemetry?) async throws -> [String] {
        let server = try server()
        let fixture = try GatewayFixture(upstream: server.address, telemetry: telemetry)
        let answer = try await send(fixture.request(body: Self.chat, fields: fields), fixture)
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        let request = try #require(server.requests.withLock { $0.first })
        return request.components(separatedBy: "\r\n").filter { $0.lowercased().hasPrefix("trace") }
    }

    @Test func aTraceIsContinued() async throws {
        let fields = "traceparent: 00-\(Self.trace)-b7ad6b7169203331-01\r\ntracestate: a=1\r\nTraceState: b=2\r\n"
        let sent = try await upstreamFields(fields, telemetry())
        let request = try #require(sink.all.first)
        let place = try #require(request.place)
        #expect(place.parent == SpanID(0xb7ad_6b71_6920_3331))
        #expect(place.server.trace == place.client.trace)
        #expect(place.server.span != place.client.span)
        let own = String(decoding: place.client.traceparent, as: UTF8.self)
        #expect(own.hasPrefix("00-\(Self.trace)-"))
        #expect(own.hasSuffix("-01"))
        #expect(sent == ["tracestate: a=1", "TraceState: b=2", "traceparent: \(own)"])
    }

    @Test(arguments: [
        "", "tracestate: a=1\r\n", "traceparent: 00-x-01\r\ntracestate: a=1\r\n",
        "traceparent: 00-\(trace)-b7ad6b7169203331-01\r\ntraceparent: 00-\(trace)-b7ad6b7169203331-01\r\n",
        "traceparent: 00-\(trace.uppercased())-b7ad6b7169203331-01\r\n",
    ])
    func aTraceBeginsWhereThereIsNoValidOne(fields: String) async throws {
        let sent = try await upstreamFields(fields, telemetry())
        let request = try #require(sink.all.first)
        let place = try #require(request.place)
        #expect(place.parent == nil)
        // Its id is the request's, so that one finds the other.
        #expect(place.server.trace == TraceID(high: request.entry.id.high, low: request.entry.id.low))
        #expect(place.server.flags == [.sampled, .random])
        #expect(sent == ["traceparent: \(String(decoding: place.client.traceparent, as: UTF8.self))"])
    }

    @Test(arguments: ["00", "02"]) func tracesThatAreNotRecordedArePassedOnAndNotReported(flags: String) async throws {
        let sent = try await upstreamFields("traceparent: 00-\(Self.trace)-b7ad6b7169203331-\(flags)\r\n", telemetry())
        #expect(sent.count == 1)
        #expect(sent[0].hasPrefix("traceparent: 00-\(Self.trace)-"))
        #expect(sent[0].hasSuffix("-\(flags)"))
        #expect(!sent[0].contains("b7ad6b7169203331"))
        #expect(sink.all.isEmpty)
    }

    @Test func ofNoShareNothingIsRecordedButTracesOfClients() async throws {
        #expect(try await upstreamFields("", telemetry(share: 0))[0].hasSuffix("-02"))
        #expect(sink.all.isEmpty)
        let sent = try await upstreamFields(
            "traceparent: 00-\(Self.trace)-b7ad6b7169203331-01\r\n", telemetry(share: 0))
        #expect(sent[0].hasSuffix("-01"))
        #expect(sink.all.count == 1)
    }

    /// Without traces the fields pass as they are, valid or not.
    @Test(arguments: [false, true]) func withoutTracesFieldsPassAsTheyAre(measures: Bool) async throws {
        let fields = ["traceparent: whatever", "tracestate: a=1"]
        let sent = try await upstreamFields(
            fields.map { "\($0)\r\n" }.joined(), measures ? telemetry(share: nil, measures: true) : nil)
        #expect(sent == fields)
        #expect(sink.all.isEmpty == !measures)
        if measures { #expect(sink.all.first?.place == nil) }
    }

    @Test func metricsCountWhatIsNotRecorded() async throws {
        _ = try await upstreamFields("", telemetry(share: 0, measures: true))
        let request = try #require(sink.all.first)
        #expect(request.place?.isSampled == false)
    }

    @Test func theCallUpstreamIsDescribed() async throws {
        let server = try server()
        let clock = ManualTime()
        let fixture = try GatewayFixture(upstream: server.address, telemetry: telemetry(), clock: clock)
        _ = try await send(fixture.request(body: Self.chat), fixture)
        let request = try #require(sink.all.first)
        let call = try #require(request.call)
        #expect(call.upstream.authority == "127.0.0.1:\(server.address.port)")
        #expect(call.status == 200)
        #expect(call.model == "m-v2")
        #expect(call.sentAt == request.entry.startedAt)
        #expect(request.endpoint == .chatCompletions)
        #expect(!request.isSecure)
        #expect(request.entry.status == 200)
        #expect(request.entry.path == "/v1/chat/completions")
        #expect(request.entry.record?.keyID == fixture.keyID)
    }

    /// What is refused before it is sent has no call.
    @Test func refusalsAreReportedWithoutACall() async throws {
        let fixture = try GatewayFixture(upstream: server().address, telemetry: telemetry())
        _ = try await send(fixture.request("/v1/nothing/at/all", method: "PUT", body: Self.chat, key: "sk-x"), fixture)
        let request = try #require(sink.all.first)
        #expect(request.entry.status == 401)
        #expect(request.call == nil)
        #expect(request.entry.record == nil)
    }

    /// The second attempt is of the same span, and the call begins with the first one.
    @Test func anotherKeyIsTheSameSpan() async throws {
        let server = try server([http("{}", status: "429 Too Many"), Self.answer])
        let fixture = try GatewayFixture(
            upstream: server.address, upstreamKeys: ["upstream-key-1", "upstream-key-2"], telemetry: telemetry())
        _ = try await send(fixture.request(body: Self.chat), fixture)
        let place = try #require(sink.all.first?.place)
        let field = "\r\ntraceparent: \(String(decoding: place.client.traceparent, as: UTF8.self))\r\n"
        let requests = server.requests.withLock { $0 }
        #expect(requests.count == 2)
        #expect(requests.allSatisfy { $0.contains(field) })
    }

    /// A client that puts its key into a path finds it in no trace, wherever it stands.
    @Test(arguments: [0, 180, 235, 250]) func pathsHaveNoKeys(padding: Int) async throws {
        let fixture = try GatewayFixture(upstream: server().address, telemetry: telemetry())
        let path = "/v1/" + String(repeating: "x", count: padding) + "/\(fixture.key)"
        _ = try await send(fixture.request(path, method: "GET"), fixture)
        let logged = try #require(sink.all.first).entry.path
        #expect(logged.utf8.count <= AccessEntry.pathLimit)
        let secret = fixture.key.suffix(APIKey.secretLength)
        #expect(!logged.contains(secret.prefix(4)))
        #expect(logged.hasPrefix(path.prefix(4 + padding)))
    }

    @Test func idsOfSpansDiffer() {
        let ids = RequestIDSource()
        let bits = (0..<10_000).map { _ in ids.nextBits() }
        #expect(Set(bits).count == 10_000)
    }
}
