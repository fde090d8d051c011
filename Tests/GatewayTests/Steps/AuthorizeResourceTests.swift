import Clocks
import Loopback
import Policy
import Testing

@testable import Gateway

/// An answer after which the upstream closes the connection.
func last(_ body: String, status: String = "200 OK", fields: String = "") -> String {
    http(body, status: status, fields: fields + "connection: close\r\n")
}

/// An upstream that answers one request a connection.
func upstream(_ answers: [String]) throws -> ScriptedServer {
    try ScriptedServer(answers.map { [.readRequest, .send($0), .close] })
}

extension GatewayFixture {
    /// Notes an object as made by this fixture's key.
    func own(_ id: String, _ kind: OwnedResource.Kind = .file, batchID: String? = nil) {
        var object = OwnedResource(
            id: id, kind: kind, keyID: keyID, team: "team", createdAt: Timestamp(seconds: 1), batchID: batchID)
        if kind == .file { object.lines = BatchLines(url: nil, models: [:]) }
        objects.objects.withLock { $0[id] = object }
    }
}

@Suite(.ownThread) struct AuthorizeResourceTests {
    private static let file = #"{"id":"file-1","object":"file"}"#
    private static let upload = "{}"

    @Test func whatIsMadeIsRemembered() throws {
        let upstream = try upstream([last(Self.file), last("\n"), last(#"{"id":"batch-1","status":"validating"}"#)])
        let fixture = try GatewayFixture(upstream: upstream.address)
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files", body: Self.upload)))
        #expect(body(of: answer) == Self.file)
        // The header `id` names the response, which has none of its own.
        #expect(!answer.contains("\r\nid: file-1\r\n"))
        #expect(answer.contains("\r\nid: \(fixture.usage.records.last!.id)\r\n"))
        let file = try #require(fixture.objects.all["file-1"])
        #expect(file.kind == .file)
        #expect(file.keyID == fixture.keyID)
        #expect(file.team == "team")
        #expect(file.batchID == nil)
        _ = try fixture.answer(to: fixture.request("/v1/batches", body: #"{"input_file_id":"file-1"}"#))
        #expect(fixture.objects.all["batch-1"]?.kind == .batch)
    }

    @Test(arguments: [
        ("GET", "/v1/files/file-1"), ("HEAD", "/v1/files/file-1"), ("DELETE", "/v1/files/file-1"),
        ("GET", "/v1/files/file-1/content"), ("GET", "/v1/files/file-1/other"), ("GET", "/v1/batches/batch-1"),
        ("POST", "/v1/batches/batch-1/cancel"), ("GET", "/v1/files?after=file-1"),
    ]) func whatIsSomebodyElsesDoesNotExist(_ method: String, _ path: String) throws {
        // Nothing listens there: whatever goes upstream ends in 502.
        let fixture = try GatewayFixture(upstream: upstream([]).address)
        fixture.own("file-1")
        fixture.own("batch-1", .batch)
        let strangers = try fixture.answer(to: fixture.request(path, method: method, key: fixture.strangersKey))
        #expect(try #require(strangers).hasPrefix("HTTP/1.1 404 "))
        let unknown = path.replacing("-1", with: "-2")
        let own = try #require(try fixture.answer(to: fixture.request(unknown, method: method)))
        #expect(own.hasPrefix("HTTP/1.1 404 "))
        if method != "HEAD" {
            #expect(own.contains(#""type":"invalid_request_error""#))
            #expect(own.contains(#""code":"not_found""#))
        }
    }

    @Test(arguments: ["/v1/batches/file-1", "/v1/files/batch-1", "/v1/files/batch-1/content"])
    func aFileIsNoBatch(_ path: String) throws {
        let fixture = try GatewayFixture(upstream: upstream([]).address)
        fixture.own("file-1")
        fixture.own("batch-1", .batch)
        let answer = try #require(try fixture.answer(to: fixture.request(path, method: "GET")))
        #expect(answer.hasPrefix("HTTP/1.1 404 "))
    }

    @Test func aBatchTakesOnlyOnesOwnFile() throws {
        let upstream = try upstream([last(#"{"id":"batch-1"}"#)])
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.own("file-1")
        func create(_ key: String, _ body: String) throws -> String {
            try #require(try fixture.answer(to: fixture.request("/v1/batches", body: body, key: key)))
        }
        #expect(try create(fixture.strangersKey, #"{"input_file_id":"file-1"}"#).hasPrefix("HTTP/1.1 404 "))
        #expect(try create(fixture.key, #"{"input_file_id":["file-1"]}"#).hasPrefix("HTTP/1.1 400 "))
        #expect(try create(fixture.key, #"{"input_file_id":"a","input_file_id":"file-1"}"#).hasPrefix("HTTP/1.1 400 "))
        #expect(upstream.requests.withLock { $0.isEmpty })
        #expect(try create(fixture.matesKey, #"{"input_f\u0069le_id":"file-1"}"#).hasPrefix("HTTP/1.1 200 "))
    }

    @Test func mateReadsAndDeletes() throws {
        let gone = #"{"id":"file-1","deleted":true}"#
        let upstream = try upstream([last(Self.file), last(gone)])
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.own("file-1")
        for (method, expected) in [("GET", Self.file), ("DELETE", gone)] {
            let request = fixture.request("/v1/files/file-1", method: method, key: fixture.matesKey)
            #expect(body(of: try #require(try fixture.answer(to: request))) == expected)
        }
        #expect(fixture.objects.all.isEmpty)
    }

    @Test func aFileThatCouldNotBeDeletedStays() throws {
        let fixture = try GatewayFixture(upstream: upstream([last("{}", status: "409 Conflict")]).address)
        fixture.own("file-1")
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files/file-1", method: "DELETE")))
        #expect(answer.hasPrefix("HTTP/1.1 409 "))
        #expect(fixture.objects.all["file-1"] != nil)
    }

    @Test func whatTheStoreCannotTakeIsUndone() throws {
        let upstream = try ScriptedServer([
            [.readRequest, .pause, .send(last(#"{"id":"batch-1"}"#)), .close],
            [.readRequest, .send(last("{}")), .close],
        ])
        let fixture = try GatewayFixture(upstream: upstream.address)
        fixture.own("file-1")
        let caller = try fixture.caller(
            sending: fixture.request("/v1/batches", body: #"{"input_file_id":"file-1"}"#))
        upstream.awaitRequest()
        fixture.objects.isOutOfReach.withLock { $0 = true }
        upstream.proceed()
        let answer = try #require(caller.receiveAll())
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains("store_unavailable"))
        #expect(!answer.contains("batch-1"))
        upstream.awaitRequest()
        #expect(upstream.requests.withLock { $0[1] }.hasPrefix("POST /v1/batches/batch-1/cancel HTTP/1.1\r\n"))
    }

    @Test func withoutTheStoreNothingGoesUpstream() throws {
        let fixture = try GatewayFixture(upstream: upstream([]).address)
        fixture.objects.isOutOfReach.withLock { $0 = true }
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files/file-1", method: "GET")))
        #expect(answer.hasPrefix("HTTP/1.1 503 "))
        #expect(answer.contains("store_unavailable"))
    }

    @Test(arguments: ["[]", #"{"object":"file"}"#, "no JSON"]) func anAnswerThatNamesNothingIsRefused(_ text: String)
        throws
    {
        let fixture = try GatewayFixture(upstream: upstream([last(text)]).address)
        let answer = try #require(try fixture.answer(to: fixture.request("/v1/files", body: Self.upload)))
        #expect(answer.hasPrefix("HTTP/1.1 502 "))
        #expect(fixture.objects.all.isEmpty)
    }

    @Test func theFilesOfABatchAreItsMakers() throws {
        let batch = #"{"id":"batch-1","status":"in_progress","output_file_id":"out","error_file_id":"err"}"#
        let fixture = try GatewayFixture(upstream: upstream([last(batch), last("lines")]).address)
        fixture.own("batch-1", .batch)
        let seen = fixture.request("/v1/batches/batch-1", method: "GET", key: fixture.matesKey)
        #expect(body(of: try #require(try fixture.answer(to: seen))) == batch)
        for id in ["out", "err"] {
            let file = try #require(fixture.objects.all[id])
            #expect(file.kind == .file)
            #expect(file.keyID == fixture.keyID)
            #expect(file.team == "team")
            #expect(file.batchID == "batch-1")
        }
        let content = fixture.request("/v1/files/out/content", method: "GET")
        #expect(body(of: try #require(try fixture.answer(to: content))) == "lines")
    }
}
