import Clocks
import Foundation
import Gateway
import Loopback
import ManualTime
import Metrics
import Policy
import Settings
import Telemetry
import Testing

@testable import propylon

/// The sending of telemetry to a collector over sockets.
@Suite(.ownThread) struct TelemetryExportTests {
    private let log = LogRecorder()
    private let registry = MetricRegistry()
    private let time = ManualTime.inNovember()
    private let counts: TelemetryCounts

    init() { counts = TelemetryCounts(registry) }

    private static let taken = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"

    private static func refusal(_ status: String, _ fields: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(fields)content-length: 0\r\n\r\n"
    }

    private static func request(_ number: UInt64 = 1, isSampled: Bool = true) throws -> TracedRequest {
        let trace = try #require(TraceID(high: number, low: 1))
        let span = TraceContext(trace, try #require(SpanID(number)), isSampled ? .sampled : [])
        return TracedRequest(
            entry: AccessEntry(
                id: RequestID(high: number, low: 1), startedAt: Timestamp(seconds: 1), duration: .seconds(1),
                client: "127.0.0.1", method: "POST", path: "/v1/chat/completions", status: 200, record: nil),
            endpoint: .chatCompletions, isSecure: false, place: TracePlace(server: span, client: span, parent: nil),
            call: nil)
    }

    private func export(_ server: ScriptedServer, _ members: String = "", path: String = "") throws -> TelemetryExport {
        let settings = try configuration(
            "telemetry: { endpoint: \"http://127.0.0.1:\(server.address.port)\(path)\"\(members) }\n")
        var pace = TelemetryExport.Pace()
        pace.interval = .milliseconds(1)
        pace.firstPause = .milliseconds(1)
        return try #require(try TelemetryExport(settings, counts: counts, log: log.logger, time: time, pace: pace))
    }

    private func collector(answering body: String) throws -> ScriptedServer {
        try ScriptedServer([
            [
                .readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"),
                .waitForEnd,
            ]
        ])
    }

    private func requests(_ count: Int, at server: ScriptedServer) async -> [String] {
        let areThere = await eventually { server.requests.withLock { $0.count } >= count }
        #expect(areThere)
        return server.requests.withLock { $0 }
    }

    private func isSent(_ count: Int) async -> Bool { await eventually { counts.sent.value == count } }

    /// The ids of the spans of a message.
    private func spans(_ request: String) throws -> [String] {
        let body = try #require(request.components(separatedBy: "\r\n\r\n").last)
        var value: Any = try JSONSerialization.jsonObject(with: Data(body.utf8))
        for name in ["resourceSpans", "scopeSpans"] {
            value = try #require((value as? [String: Any])?[name] as? [Any]).first ?? ""
        }
        let spans = try #require((value as? [String: Any])?["spans"] as? [[String: Any]])
        return spans.compactMap { $0["spanId"] as? String }
    }

    @Test func withoutAnEndpointThereIsNone() throws {
        #expect(try TelemetryExport(configuration(""), counts: counts, log: log.logger, time: time) == nil)
    }

    @Test func whatWaitsIsOneMessage() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.taken), .waitForEnd]])
        let export = try export(server, ", headers: { authorization: Bearer swordfish }", path: "/otlp")
        for number in 1...3 { export.report(try Self.request(UInt64(number))) }
        export.start()
        let request = try #require(await requests(1, at: server).first)
        #expect(request.hasPrefix("POST /otlp/v1/traces HTTP/1.1\r\nhost: 127.0.0.1:\(server.address.port)\r\n"))
        #expect(request.contains("\r\ncontent-type: application/json\r\n"))
        #expect(request.contains("\r\nuser-agent: propylon/\(Version.text)\r\n"))
        #expect(request.contains("\r\nauthorization: Bearer swordfish\r\n"))
        #expect(request.contains(#"{"key":"service.name","value":{"stringValue":"propylon"}}"#))
        #expect(try spans(request) == ["0000000000000001", "0000000000000002", "0000000000000003"])
        #expect(await isSent(3))
        await export.close()
        #expect(log.messages.isEmpty)
    }

    @Test func theConnectionIsKept() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.taken), .readRequest, .send(Self.taken), .waitForEnd]
        ])
        let export = try export(server)
        export.start()
        for number in 1...2 {
            export.report(try Self.request(UInt64(number)))
            #expect(await isSent(number))
        }
        #expect(server.acceptedCount == 1)
        await export.close()
    }

    @Test func messagesAreBounded() async throws {
        let steps = [ScriptedServer.Step.readRequest, .send(Self.taken)]
        let server = try ScriptedServer([steps + steps + steps + [.waitForEnd]])
        let export = try export(server)
        for number in 1...1100 { export.report(try Self.request(UInt64(number))) }
        export.start()
        let messages = await requests(3, at: server)
        #expect(try messages.map { try spans($0).count } == [512, 512, 76])
        #expect(await isSent(1100))
        await export.close()
    }

    /// Beyond its room requests are dropped and counted, and none waits.
    @Test func theQueueIsBounded() throws {
        let server = try ScriptedServer([])
        let export = try export(server)
        for number in 1...8200 { export.report(try Self.request(UInt64(number))) }
        #expect(counts.dropped.value == 8)
        let page = String(decoding: registry.exposition(), as: UTF8.self)
        #expect(page.contains(#"propylon_telemetry_requests_total{outcome="dropped"} 8"#))
    }

    @Test(arguments: ["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"])
    func passingFailuresAreTriedAgain(status: String) async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.refusal(status)), .close], [.readRequest, .reset],
            [.readRequest, .send(Self.taken), .waitForEnd],
        ])
        let export = try export(server)
        export.report(try Self.request())
        export.start()
        let messages = await requests(3, at: server)
        #expect(Set(messages).count == 1)
        #expect(await isSent(1))
        #expect(counts.dropped.value == 0)
        await export.close()
        // The beginning of the trouble is one line.
        #expect(log.messages.count == 1)
        #expect(
            log.messages.first?.hasPrefix("warning the collector does not take telemetry: check telemetry.endpoint")
                == true)
    }

    @Test(arguments: ["400 Bad Request", "401 Unauthorized", "404 Not Found", "413 Content Too Large", "500 Internal"])
    func otherFailuresAreNot(status: String) async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.refusal(status)), .readRequest, .send(Self.taken), .waitForEnd]
        ])
        let export = try export(server)
        export.report(try Self.request(1))
        export.start()
        let isDropped = await eventually { counts.dropped.value == 1 }
        #expect(isDropped)
        export.report(try Self.request(2))
        let messages = await requests(2, at: server)
        #expect(try spans(messages[1]) == ["0000000000000002"])
        #expect(await isSent(1))
        #expect(export.troubles.texts == ["the collector does not take telemetry (traces): status \(status.prefix(3))"])
        await export.close()
    }

    @Test func afterSixAttemptsAMessageIsGivenUp() async throws {
        let steps: [ScriptedServer.Step] = [.readRequest, .send(Self.refusal("503 Unavailable")), .close]
        let server = try ScriptedServer(Array(repeating: steps, count: 6))
        let export = try export(server)
        export.report(try Self.request())
        export.start()
        let isDropped = await eventually { counts.dropped.value == 1 }
        #expect(isDropped)
        #expect(server.requests.withLock { $0.count } == 6)
        await export.close()
    }

    /// A collector that says when to come back is asked after that time alone.
    @Test func retryAfterIsHonoured() async throws {
        let server = try ScriptedServer([
            [
                .readRequest, .send(Self.refusal("429 Too Many Requests", "retry-after: 1\r\n")), .readRequest,
                .send(Self.taken), .waitForEnd,
            ]
        ])
        let export = try export(server)
        export.report(try Self.request())
        let start = MonotonicTime.now
        export.start()
        #expect(await isSent(1))
        #expect(MonotonicTime.now - start >= .seconds(1))
        await export.close()
    }

    @Test func theEndOfATroubleIsALine() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.refusal("400 Bad Request")), .readRequest, .send(Self.taken), .waitForEnd]
        ])
        let export = try export(server)
        export.start()
        export.report(try Self.request(1))
        let isDropped = await eventually { counts.dropped.value == 1 }
        #expect(isDropped)
        time.advance(by: LastingState.calm)
        export.report(try Self.request(2))
        let isOver = await log.waitFor("the collector takes telemetry again")
        #expect(isOver)
        #expect(export.troubles.texts.isEmpty)
        await export.close()
    }

    /// Default values, which some servers write.
    @Test(arguments: ["{}", #"{"rejectedSpans":"0","errorMessage":""}"#, #"{"rejectedSpans":0}"#])
    func nothingRejectedIsNoTrouble(partial: String) async throws {
        let body = "{\"partialSuccess\":\(partial)}"
        let server = try collector(answering: body)
        let export = try export(server)
        export.report(try Self.request())
        export.start()
        let isSent = await isSent(1)
        #expect(isSent)
        #expect(export.troubles.texts.isEmpty)
        await export.close()
    }

    @Test func whatIsRejectedInPartIsSaid() async throws {
        let body = #"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}"#
        let server = try collector(answering: body)
        let export = try export(server)
        export.report(try Self.request())
        export.start()
        let isSaid = await log.waitFor("reason=too old")
        #expect(isSaid)
        #expect(server.requests.withLock { $0.count } == 1)
        await export.close()
    }

    /// What came last is sent at the end, and metrics are complete then.
    @Test func theEndSendsWhatIsLeft() async throws {
        let steps = [ScriptedServer.Step.readRequest, .send(Self.taken)]
        let server = try ScriptedServer([steps + steps + [.waitForEnd]])
        let settings = try configuration(
            "telemetry: { endpoint: \"http://127.0.0.1:\(server.address.port)\", metrics: true }\n")
        let export = try #require(try TelemetryExport(settings, counts: counts, log: log.logger, time: .system))
        export.start()
        export.report(try Self.request(1))
        export.report(try Self.request(2, isSampled: false))
        await export.close(within: .seconds(60))
        let messages = server.requests.withLock { $0 }
        try #require(messages.count == 2)
        #expect(messages[0].hasPrefix("POST /v1/traces "))
        #expect(try spans(messages[0]) == ["0000000000000001"])
        #expect(messages[1].hasPrefix("POST /v1/metrics "))
        // Metrics count what is not traced too.
        #expect(messages[1].contains(#""name":"gen_ai.server.request.duration""#))
        #expect(messages[1].contains(#""count":"2","sum":2,"#))
    }

    @Test func metricsAreSentAtTheirTime() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.taken), .waitForEnd]])
        let export = try export(server, ", metrics: true, traces: false")
        export.start()
        export.report(try Self.request(1, isSampled: false))
        time.advance(by: .seconds(60))
        let message = try #require(await requests(1, at: server).first)
        #expect(message.hasPrefix("POST /v1/metrics "))
        await export.close()
    }

    /// A collector without metrics, as Jaeger: its trouble is one line, however many traces it takes meanwhile.
    @Test func eachSignalHasATroubleOfItsOwn() throws {
        let troubles = TelemetryTroubles(log: log.logger)
        var now = time.monotonic
        for _ in 0..<10 {
            troubles.note(.refused("status 404"), of: .metrics, at: now)
            now = now + .seconds(30)
            troubles.note(.taken(except: nil), of: .traces, at: now)
            now = now + .seconds(30)
        }
        let begin =
            "warning the collector does not take telemetry: check telemetry.endpoint reason=status 404 signal=metrics"
        #expect(log.messages == [begin])
        #expect(troubles.texts == ["the collector does not take telemetry (metrics): status 404"])
        troubles.note(.later("no response", after: nil), of: .traces, at: now)
        #expect(
            troubles.texts.map { $0.hasPrefix("the collector does not take telemetry (traces): ") } == [true, false])
        troubles.note(.taken(except: nil), of: .metrics, at: now)
        #expect(log.messages.last == "notice the collector takes telemetry again failures=10 signal=metrics")
        #expect(troubles.texts == ["the collector does not take telemetry (traces): no response"])
        #expect(TelemetrySignal.allCases.map(\.path) == ["/v1/traces", "/v1/metrics"])
    }

    /// A request that outlasts a reload reports to an export that has ended.
    @Test func whatComesAfterTheEndIsDropped() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.taken), .waitForEnd]])
        let export = try export(server)
        export.start()
        export.report(try Self.request(1))
        await export.close(within: .seconds(60))
        #expect(counts.sent.value == 1)
        export.report(try Self.request(2))
        export.report(try Self.request(3, isSampled: false))
        #expect(counts.dropped.value == 1)
        #expect(counts.sent.value == 1)
    }

    /// A collector that never answers holds up nobody.
    @Test func aSilentCollectorDoesNotHoldUpTheEnd() async throws {
        let server = try ScriptedServer([[.readRequest, .waitForEnd]])
        let settings = try configuration("telemetry: { endpoint: \"http://127.0.0.1:\(server.address.port)\" }\n")
        let export = try #require(try TelemetryExport(settings, counts: counts, log: log.logger, time: .system))
        export.report(try Self.request())
        export.start()
        let start = MonotonicTime.now
        await export.close()
        #expect(MonotonicTime.now - start < .seconds(5))
    }
}
