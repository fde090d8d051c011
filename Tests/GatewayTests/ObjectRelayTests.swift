import EventLoop
import Foundation
import Loopback
import Policy
import Testing

@testable import Gateway

@Suite(.ownThread) struct ObjectRelayTests {
    private static func upstream(_ answers: String...) throws -> ScriptedServer {
        try ScriptedServer(answers.map { [.readRequest, .send($0), .close] })
    }

    private static let file = #"{"id":"file-1","object":"file"}"#

    private func upload(_ fixture: GatewayFixture) throws -> String {
        let body = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n"
        return try #require(
            try fixture.answer(
                to:
                    "POST /v1/files HTTP/1.1\r\nhost: g\r\nauthorization: Bearer \(fixture.key)\r\nconnection: close\r\n"
                    + "content-type: multipart/form-data; boundary=b\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
            ))
    }

    private func add(
        _ id: String, _ kind: OwnedObject.Kind = .file, key: String = "other", team: String? = nil,
        batch: String? = nil, to fixture: GatewayFixture
    ) {
        fixture.objects.objects.withLock {
            $0[id] = OwnedObject(
                id: id, kind: kind, keyID: key, team: team, createdAt: Timestamp(seconds: 0), batchID: batch)
        }
    }

    @Test func anUploadBelongsToItsKey() throws {
        let upstream = try Self.upstream(http(Self.file), http(Self.file))
        let fixture = try GatewayFixture(upstream: upstream.address)
        #expect(body(of: try upload(fixture)) == Self.file)
        let object = try #require(fixture.objects.objects.withLock { $0["file-1"] })
        #expect(object.keyID == fixture.keyID)
        #expect(object.team == "team")
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files/file-1", method: "GET")))
        #expect(body(of: answer) == Self.file)
    }

    @Test func whereTheStoreIsOutOfReachTheUploadFails() throws {
        let upstream = try Self.upstream(http(Self.file))
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.objects.isOutOfReach.withLock { $0 = true }
        let answer = try upload(fixture)
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains("store_unavailable"))
    }

    @Test(arguments: [
        ("GET", "/v1/files/file-1"), ("GET", "/v1/files/file-1/content"), ("DELETE", "/v1/files/file-1"),
        ("GET", "/v1/batches/batch-1"), ("POST", "/v1/batches/batch-1/cancel"), ("GET", "/v1/files/unknown"),
        ("GET", "/v1/batches/file-2"),
    ])
    func whatSomebodyElseMadeIsNotThere(method: String, path: String) throws {
        let upstream = try Self.upstream()
        let fixture = try GatewayFixture(upstream: upstream.address)
        add("file-1", to: fixture)
        add("file-2", key: fixture.keyID, to: fixture)
        add("batch-1", .batch, team: "another", to: fixture)
        let answer = try #require(try fixture.answer(to: fixture.request(path, method: method, body: "{}")))
        #expect(answer.hasPrefix("HTTP/1.1 404 "))
        #expect(answer.contains(#""code":"not_found""#))
        #expect(upstream.requests.withLock { $0.isEmpty })
    }

    @Test func aBatchOfSomebodyElsesFileIsRefused() throws {
        let upstream = try Self.upstream()
        let fixture = try GatewayFixture(upstream: upstream.address)
        add("file-1", to: fixture)
        let answer = try #require(
            try fixture.answer(
                to: fixture.request(
                    "/v1/batches", body: #"{"input_file_id":"file-1","endpoint":"/v1/chat/completions"}"#)))
        #expect(answer.hasPrefix("HTTP/1.1 404 "))
    }

    @Test func aTeamSharesItsFiles() throws {
        let upstream = try Self.upstream(http(Self.file), http(#"{"id":"file-1","deleted":true}"#))
        let fixture = try GatewayFixture(upstream: upstream.address)
        add("file-1", team: "team", to: fixture)
        #expect(
            try #require(try fixture.answer(to: fixture.request("/v1/files/file-1", method: "GET"))).hasPrefix(
                "HTTP/1.1 200"))
        #expect(
            try #require(try fixture.answer(to: fixture.request("/v1/files/file-1", method: "DELETE"))).hasPrefix(
                "HTTP/1.1 200"))
        #expect(fixture.objects.objects.withLock { $0["file-1"] } == nil)
    }

    private func page(_ ids: [String], hasMore: Bool) -> String {
        http(
            #"{"object":"list","data":[\#(ids.map { #"{"id":"\#($0)"}"# }.joined(separator: ","))],"has_more":\#(hasMore)}"#
        )
    }

    @Test func listsShowOnlyOnesOwnPageByPage() throws {
        let upstream = try Self.upstream(
            page(["x1", "a1", "x2"], hasMore: true), page(["x3", "x4"], hasMore: true),
            page(["a2", "x5", "a3", "a4"], hasMore: false))
        let fixture = try GatewayFixture(upstream: upstream.address)
        for id in ["a1", "a2", "a3", "a4"] { add(id, key: fixture.keyID, to: fixture) }
        let answer = try #require(
            try fixture.answer(to: fixture.request("/v1/files?limit=3&purpose=batch&after=q", method: "GET")))
        #expect(
            body(of: answer)
                == #"{"object":"list","data":[{"id":"a1"},{"id":"a2"},{"id":"a3"}],"first_id":"a1","last_id":"a3","has_more":true}"#
        )
        let asked = upstream.requests.withLock { $0 }.map { $0.components(separatedBy: "\r\n")[0] }
        #expect(
            asked == [
                "GET /v1/files?limit=3&purpose=batch&after=q HTTP/1.1",
                "GET /v1/files?purpose=batch&limit=100&after=x2 HTTP/1.1",
                "GET /v1/files?purpose=batch&limit=100&after=x4 HTTP/1.1",
            ])
    }

    @Test func aListThatIsNoneIsNotPassedOn() throws {
        let upstream = try Self.upstream(http(#"{"files":[{"id":"x1"}]}"#))
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files", method: "GET")))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        #expect(!answer.contains("x1"))
    }

    @Test func aBatchThatHasEndedIsMeteredOnceAtHalfPrice() throws {
        let batch = #"{"id":"batch-1","status":"completed","output_file_id":"file-out","error_file_id":"file-err"}"#
        let line =
            #"{"response":{"body":{"model":"gpt-oss:120b","usage":{"prompt_tokens":10,"completion_tokens":3,"total_tokens":13}}}}"#
        let upstream = try Self.upstream(http(batch), http("\(line)\n\(line)\n"), http(batch), http(line))
        let fixture = try GatewayFixture(
            upstream: upstream.address,
            policies: {
                var tier = Tier(name: "limited")
                tier.outputTokensPerDay = 100
                return Policies(tiers: TierTable(overriding: [tier]), defaultTier: "limited")
            }())
        add("batch-1", .batch, key: fixture.keyID, team: "team", to: fixture)
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/batches/batch-1", method: "GET")))
        #expect(body(of: answer) == batch)
        let records = try #require(fixture.objects.metered.takeSoon())
        #expect(records.count == 1)
        #expect(records[0].units.inputTokens == 20)
        #expect(records[0].units.outputTokens == 6)
        #expect(records[0].cost == NanoEuros(20 * 900 + 6 * 4000))
        #expect(records[0].endpoint == "batches")
        #expect(records[0].keyID == fixture.keyID)
        for file in ["file-out", "file-err"] {
            #expect(fixture.objects.objects.withLock { $0[file]?.batchID } == "batch-1")
        }
        // It is metered by now, so that the same answer asks for nothing more.
        _ = try fixture.answer(to: fixture.request("/v1/batches/batch-1", method: "GET"))
        _ = try fixture.answer(to: fixture.request("/v1/files/file-out/content", method: "GET"))
        let paths = upstream.requests.withLock { $0 }.map { $0.components(separatedBy: "\r\n")[0] }
        #expect(
            paths == [
                "GET /v1/batches/batch-1 HTTP/1.1", "GET /v1/files/file-out/content HTTP/1.1",
                "GET /v1/batches/batch-1 HTTP/1.1", "GET /v1/files/file-out/content HTTP/1.1",
            ])
        #expect(fixture.limiter.states(of: fixture.record, at: .now)[0].used == 6)
    }

    @Test func anOutputThatBreaksOffIsMeteredByTheNextOneWhoLooks() throws {
        let batch = #"{"id":"batch-1","status":"completed","output_file_id":"file-out","error_file_id":null}"#
        let line = #"{"response":{"body":{"model":"m","usage":{"prompt_tokens":1,"completion_tokens":1}}}}"#
        let upstream = try ScriptedServer([
            [.readRequest, .send(http(batch)), .close],
            [.readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n\(line)\n"), .close],
            [.readRequest, .send(http(batch)), .close], [.readRequest, .send(http(line)), .close],
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        add("batch-1", .batch, key: fixture.keyID, to: fixture)
        _ = try fixture.answer(to: fixture.request("/v1/batches/batch-1", method: "GET"))
        // The gateway has given up on the file when the batch is not in reading any more.
        let deadline = MonotonicTime.now + .seconds(10)
        while fixture.gateway.batchesInReading.withLock({ !$0.isEmpty }), .now < deadline { sched_yield() }
        _ = try fixture.answer(to: fixture.request("/v1/batches/batch-1", method: "GET"))
        #expect(fixture.objects.metered.takeSoon()?.count == 1)
    }
}
