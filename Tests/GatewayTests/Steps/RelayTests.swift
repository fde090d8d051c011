import Foundation
import Loopback
import Policy
import Testing
import Transport

@testable import Gateway

@Suite(.ownThread) struct RelayTests {
    private static let chat = #"{"model":"gpt-oss:120b","messages":[],"stream":true}"#
    private static let streamHead =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    private static func chunk(_ text: String) -> String { String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n" }

    private static func delta(_ text: String, usage: Bool = true) -> String {
        #"data: {"id":"chatcmpl-7","choices":[{"index":0,"delta":{"content":"\#(text)"}}]\#(usage ? #","usage":null"# : "")}"#
            + "\n\n"
    }

    private static let usageEvent =
        #"data: {"id":"chatcmpl-7","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}}"#
        + "\n\n"
    private static let done = "data: [DONE]\n\n"

    @Test func aStreamsUsageIsAskedForMeteredAndTakenOutAgain() async throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.streamHead + Self.chunk(Self.delta("a")) + Self.chunk(Self.delta("b"))),
                .send(Self.chunk(Self.usageEvent) + Self.chunk(Self.done) + "0\r\n\r\n"), .waitForEnd,
            ]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(upstream.requests.withLock { $0[0] }.contains(#""include_usage":true"#))
        #expect(answer.contains("\r\nid: chatcmpl-7\r\n"))
        #expect(answer.contains(Self.delta("a", usage: false)))
        #expect(answer.contains(Self.delta("b", usage: false)))
        #expect(!answer.contains("usage"))
        #expect(answer.hasSuffix("0\r\n\r\n"))
        let record = try fixture.usage.only()
        #expect(record.units.inputTokens == 4)
        #expect(record.units.outputTokens == 2)
        #expect(record.exactness == .exact)
        #expect(record.streamed)
    }

    @Test func theJournalKnowsWhatHasPassed() throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.streamHead + Self.chunk(Self.delta("abcdefgh"))), .pause,
                .send(Self.chunk(Self.delta("ijklmnop"))), .pause,
                .send(Self.chunk(Self.usageEvent) + Self.chunk(Self.done) + "0\r\n\r\n"), .waitForEnd,
            ]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
        let first = try #require(fixture.usage.progress.takeSoon())
        #expect(first.units.outputTokens > 0)
        #expect(first.cost > .zero)
        #expect(first.status == 200)
        upstream.proceed()
        let second = try #require(fixture.usage.progress.takeSoon())
        #expect(second.units.outputTokens > first.units.outputTokens)
        #expect(fixture.usage.records.isEmpty)
        upstream.proceed()
        _ = caller.receiveAll()
        #expect(try fixture.usage.only().units.outputTokens == 2)
    }

    @Test func nothingGoesUpstreamThatTheJournalHasNoRoomFor() throws {
        let upstream = try ScriptedServer([[.readRequest, .waitForEnd]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.usage.isFull.withLock { $0 = true }
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains(#""code":"store_unavailable""#))
        #expect(upstream.requests.withLock { $0.isEmpty })
    }

    @Test func aCallerThatAsksForUsageGetsEveryByte() throws {
        let events = Self.delta("a") + Self.usageEvent + Self.done
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.streamHead + Self.chunk(events) + "0\r\n\r\n"), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let asked =
            #"{"model":"gpt-oss:120b","messages":[],"stream":true,"stream_options":{"include_usage":true,"x":1}}"#
        let answer = try #require(try fixture.answer(to: fixture.request(body: asked)))
        #expect(upstream.requests.withLock { $0[0] }.hasSuffix(asked))
        #expect(answer.hasSuffix("\r\n\r\n" + Self.chunk(events) + "0\r\n\r\n"))
    }

    @Test func anEventArrivesWhileTheStreamGoesOn() throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.streamHead + Self.chunk(Self.delta("first"))), .pause,
                .send(Self.chunk(Self.done) + "0\r\n\r\n"), .waitForEnd,
            ]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
        #expect(caller.receive(through: "\n\n\r\n").contains("first"))
        upstream.proceed()
        #expect(try #require(caller.receiveAll()).hasSuffix("0\r\n\r\n"))
    }

    @Test func aStreamCutUpstreamDoesNotEndCleanlyBelow() async throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.streamHead + Self.chunk(Self.delta("half")) + "5\r\nda"), .close]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.contains("half"))
        #expect(answer.contains(#""code":"upstream_interrupted""#))
        #expect(!answer.hasSuffix("0\r\n\r\n"))
        let record = try fixture.usage.only()
        #expect(record.ending == .upstreamInterrupted)
        #expect(record.exactness == .interrupted)
        #expect(record.units.outputTokens > 0)
    }

    private static func sizedStream(_ length: Int) -> String {
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: \(length)\r\n\r\n"
    }

    @Test func aStreamOfAnnouncedLengthIsWholeThoughSomethingIsTakenOut() throws {
        let events = Self.delta("a") + Self.usageEvent + Self.done
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.sizedStream(events.utf8.count) + events), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(!answer.contains("content-length"))
        #expect(answer.hasSuffix("\r\n\r\n" + Self.chunk(Self.delta("a", usage: false) + Self.done) + "0\r\n\r\n"))
        #expect(try fixture.usage.only().ending == .complete)
    }

    @Test func aStreamOfAnnouncedLengthThatIsCutEndsWithAnError() throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.sizedStream(Self.delta("a").utf8.count + 10) + Self.delta("a")), .close]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request(body: Self.chat)))
        #expect(answer.contains(#""code":"upstream_interrupted""#))
        #expect(!answer.hasSuffix("0\r\n\r\n"))
        #expect(try fixture.usage.only().ending == .upstreamInterrupted)
        // The process is there to serve the next one.
        #expect(try #require(try fixture.answer(to: fixture.request("/healthz", method: "GET"))).contains("200"))
    }

    @Test func aBodyCutUpstreamIsAnErrorOrCutBelow() async throws {
        let cut =
            "HTTP/1.1 200 OK\r\ncontent-type: audio/wav\r\ncontent-length: 200000\r\n\r\n"
            + String(repeating: "x", count: 100_000)
        let upstream = try ScriptedServer([[.readRequest, .send(cut), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(
            try fixture.answer(to: fixture.request("/v1/audio/speech", body: #"{"model":"tts","input":"hello"}"#)))
        #expect(answer.utf8.count < 150_000)
        #expect(try fixture.usage.only().ending == .upstreamInterrupted)

        let short = try ScriptedServer([
            [
                .readRequest, .send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{"),
                .close,
            ]
        ])
        let second = try GatewayFixture(upstream: short.address)
        #expect(
            try #require(try second.answer(to: second.request(body: #"{"model":"m","messages":[]}"#))).hasPrefix(
                "HTTP/1.1 502 "))
    }

    @Test func aCallerThatLeavesIsReadOnForItsUsage() async throws {
        let upstream = try ScriptedServer([
            [
                .readRequest, .send(Self.streamHead + Self.chunk(Self.delta("a"))), .pause,
                .send(Self.chunk(Self.delta("b")) + Self.chunk(Self.delta("c"))), .pause,
                .send(Self.chunk(Self.usageEvent) + Self.chunk(Self.done) + "0\r\n\r\n"), .waitForEnd,
            ]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address) { $0.onDisconnect = .finish }
        do {
            let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
            #expect(caller.receive(through: "\n\n\r\n").contains("delta"))
        }
        upstream.proceed()
        upstream.proceed()
        let record = try fixture.usage.only()
        #expect(record.units.outputTokens == 2)
        #expect(record.exactness == .exact)
    }

    @Test(arguments: [false, true]) func whatIsReadOnForNobodyIsBounded(byNumber: Bool) throws {
        // It says nothing more: that the caller is gone is seen all the same.
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.streamHead + Self.chunk(Self.delta("a"))), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address) { options in
            options.onDisconnect = .finish
            if byNumber { options.draining.answers = 0 } else { options.draining.bytes = 0 }
        }
        do {
            let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
            #expect(caller.receive(through: "\n\n\r\n").contains("delta"))
            caller.reset()
        }
        let record = try fixture.usage.only()
        #expect(record.ending == .clientGone)
        #expect(record.exactness == .interrupted)
        upstream.awaitEnd()
        #expect(fixture.gateway.drainedResponses.load(ordering: .relaxed) == 0)
    }

    @Test func aCallerThatLeavesStopsTheUpstreamWhereThatIsWanted() async throws {
        let upstream = try ScriptedServer([
            [.readRequest, .send(Self.streamHead + Self.chunk(Self.delta("abcdefgh"))), .waitForEnd]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        do {
            let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
            #expect(caller.receive(through: "\n\n\r\n").contains("delta"))
        }
        let record = try fixture.usage.only()
        #expect(record.ending == .clientGone)
        #expect(record.exactness == .interrupted)
        #expect(record.units.outputTokens > 0)
    }

    @Test func aCallerThatLeavesBeforeTheFirstByteIsSeenAtOnce() async throws {
        let upstream = try ScriptedServer([[.readRequest, .waitForEnd]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        do {
            let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
            upstream.awaitRequest()
            _ = caller
        }
        #expect(try fixture.usage.only().ending == .clientGone)
    }

    @Test func whoStopsReadingAtDoneHasHadTheWholeAnswer() async throws {
        let upstream = try ScriptedServer([
            [
                .readRequest,
                .send(
                    Self.streamHead + Self.chunk(Self.delta("a")) + Self.chunk(Self.usageEvent) + Self.chunk(Self.done)),
                .pause, .send("0\r\n\r\n"), .waitForEnd,
            ]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        do {
            let caller = try fixture.caller(sending: fixture.request(body: Self.chat))
            _ = caller.receive(through: "[DONE]\n\n\r\n")
        }
        upstream.proceed()
        let record = try fixture.usage.only()
        #expect(record.ending == .complete)
        #expect(record.exactness == .exact)
        #expect(record.units.outputTokens == 2)
    }

    @Test func compressedAnswersPassAsTheyAreAndAreMetered() async throws {
        let plain = RequestPipelineTests.completion
        let packed = try gzip(Array(plain.utf8))
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: \(packed.count)\r\n\r\n"
        let upstream = try ScriptedServer([
            [.readRequest, .send(head), .sendBytes(packed), .close]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let caller = try fixture.caller(
            sending: fixture.request(body: RequestPipelineTests.chat, fields: "accept-encoding: gzip\r\n"))
        var all: [UInt8] = []
        while let bytes = caller.receive(), !bytes.isEmpty { all += bytes }
        #expect(Array(all.suffix(packed.count)) == packed)
        #expect(String(decoding: all, as: UTF8.self).contains("\r\nid: chatcmpl-1\r\n"))
        let record = try fixture.usage.only()
        #expect(record.units.outputTokens == 3)
        #expect(record.exactness == .exact)
    }

    @Test func headersOfTheUpstreamComeFirst() throws {
        let fields =
            "id: from-header\r\nbackend: {\"engine_type\":\"x\"}\r\nx-request-id: theirs\r\nkeep-alive: 5\r\nx-kept: 1\r\n"
        let upstream = try ScriptedServer([
            [.readRequest, .send(http(RequestPipelineTests.completion, fields: fields)), .close]
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request(body: RequestPipelineTests.chat)))
        #expect(answer.contains("\r\nid: from-header\r\n"))
        #expect(answer.contains("\r\nbackend: {\"engine_type\":\"x\"}\r\n"))
        #expect(!answer.contains("theirs"))
        #expect(!answer.contains("keep-alive"))
        #expect(answer.contains("x-kept: 1"))
        #expect(answer.components(separatedBy: "\r\nid: ").count == 2)
    }

    @Test func whatTheUpstreamDoesNotSayTheGatewaySays() throws {
        let upstream = try ScriptedServer([[.readRequest, .send(http("{}")), .close]])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files", method: "GET")))
        #expect(answer.contains("\r\nbackend: {\"engine_type\":\"propylon\",\"machine_name\":\"test-machine\"}\r\n"))
        let id = fixture.usage.records[0].id
        #expect(answer.contains("\r\nid: \(id)\r\n"))
        #expect(answer.contains("\r\nx-request-id: \(id)\r\n"))
    }
}
