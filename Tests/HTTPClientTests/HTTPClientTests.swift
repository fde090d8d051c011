import Glibc
import HTTP1
import Loopback
import Testing
import Transport

@testable import HTTPClient

@Suite(.ownThread) struct HTTPClientTests {
    private static let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    private static let hello = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"

    @Test func aConnectionIsUsedAgain() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .readRequest, .send(Self.hello), .waitForEnd]
        ])
        try await withClient(of: server) { client, loop in
            try #expect(await get(client) == "hello")
            #expect(client.gauges.idle.load(ordering: .relaxed) == 1)
            try #expect(await get(client) == "hello")
            #expect(client.gauges.open.load(ordering: .relaxed) == 1)
        }
        #expect(server.requests.withLock { $0.count } == 2)
    }

    @Test func everyFramingIsRead() async throws {
        for answer in [
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x\r\nllo\r\n0\r\nt: 1\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.0 200 OK\r\n\r\nhello",
            "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
        ] {
            let server = try ScriptedServer([[.readRequest, .send(answer), .close]])
            try await withClient(of: server) { client, loop in try #expect(await get(client) == "hello") }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ]) func aTruncatedBodyIsAnError(answer: String) async throws {
        let server = try ScriptedServer([[.readRequest, .send(answer), .close]])
        try await withClient(of: server) { client, loop in
            await #expect(throws: ClientError.truncated) { try await get(client) }
            #expect(client.gauges.open.load(ordering: .relaxed) == 0)
        }
    }

    @Test func aKeptConnectionThatTheServerClosedIsNoticed() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .close], [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await withClient(of: server) { client, loop in
            try #expect(await post(client) == "hello")
            while client.gauges.idle.load(ordering: .relaxed) > 0 { await Task.yield() }
            #expect(client.gauges.open.load(ordering: .relaxed) == 0, "seen while nobody waited for it")
            try #expect(await post(client) == "hello")
        }
    }

    @Test func anIdempotentRequestIsRepeatedOnceWhenTheKeptConnectionBreaks() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .readRequest, .reset], [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await withClient(of: server) { client, loop in
            try #expect(await get(client) == "hello")
            try #expect(await get(client) == "hello")
        }
    }

    @Test func aRequestThatTheServerReadIsNotRepeatedWhereThatCouldDoHarm() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .readRequest, .close], [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await withClient(of: server) { client, loop in
            try #expect(await post(client) == "hello")
            await #expect(throws: ClientError.self) { try await post(client) }
        }
        #expect(server.requests.withLock { $0.count } == 2)
    }

    @Test func aRequestOfWhichNothingWasAcknowledgedIsRepeated() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .pause, .close], [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await withClient(of: server) { client, loop in
            try #expect(await post(client) == "hello")
            // The server closes while this loop is busy, so that the client cannot have been told when it sends.
            server.proceed()
            server.awaitEnd()
            try #expect(await post(client) == "hello")
        }
        #expect(server.requests.withLock { $0.count } == 2)
    }

    @Test func anEarlyAnswerToALargeBodyIsRead() async throws {
        let refusal = "HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno"
        let server = try ScriptedServer([[.read(100), .send(refusal), .pause, .close]])
        try await withClient(of: server) { client, loop in
            let body = [UInt8](repeating: 1, count: 32 << 20)
            let request = ClientRequest(
                head: Array("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: \(body.count)\r\n\r\n".utf8),
                body: .bytes(body),
                isIdempotent: false)
            let answer = try await client.send(request)
            #expect(answer.head.status == 413)
            try #expect(await text(of: answer) == "no")
            #expect(client.gauges.open.load(ordering: .relaxed) == 0)
            server.proceed()
        }
    }

    @Test func silenceBeforeAndInAnAnswerTimesOut() async throws {
        var limits = ClientLimits()
        limits.firstByteTimeout = .milliseconds(30)
        limits.idleTimeout = .milliseconds(30)
        let silent = try ScriptedServer([[.readRequest, .waitForEnd]])
        try await withClient(of: silent, limits: limits) { client, loop in
            await #expect(throws: ClientError.timedOut) { try await get(client) }
        }
        let stalled = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"), .waitForEnd]
        ])
        try await withClient(of: stalled, limits: limits) { client, loop in
            await #expect(throws: ClientError.timedOut) { try await get(client) }
        }
    }

    @Test func piecesAreTakenAsTheyCome() async throws {
        let server = try ScriptedServer([
            [
                .readRequest, .send(Self.chunked + "1\r\na\r\n"), .pause, .send("1\r\nb\r\n1\r"), .pause,
                .send("\nc\r\n"), .pause, .send("0\r\n\r\n"), .waitForEnd,
            ]
        ])
        try await withClient(of: server) { client, loop in
            let answer = try await client.send(.get())
            defer { answer.end() }
            // Each piece is sent when the one before was taken, so that none can wait for another.
            let taker = ScriptedTaker { _ in
                server.proceed()
                return true
            }
            try #expect(await answer.readBody(into: taker) == .end)
            #expect(taker.pieces == ["a", "b", "c"])
        }
    }

    @Test func aTakerMayPause() async throws {
        let server = try ScriptedServer([
            [
                .readRequest, .send(Self.chunked + "1\r\na\r\n"), .pause, .send("1\r\nb\r\n"), .pause,
                .send("1\r\nc\r\n0\r\n\r\n"), .waitForEnd,
            ]
        ])
        try await withClient(of: server) { client, loop in
            let answer = try await client.send(.get())
            defer { answer.end() }
            let taker = ScriptedTaker { pieces in
                server.proceed()
                return pieces.count != 2
            }
            try #expect(await answer.readBody(into: taker) == .more)
            #expect(taker.pieces == ["a", "b"])
            try #expect(await answer.readBody(into: taker) == .end)
            #expect(taker.pieces == ["a", "b", "c"])
        }
    }

    @Test func whatGoesWrongBehindAPieceIsSaid() async throws {
        for (rest, expected) in [
            ("z\r\n", ClientError.malformed(.invalidChunkSize)), ("2\r\nb", .truncated), ("", .timedOut),
        ] {
            let server = try ScriptedServer([
                [.readRequest, .send(Self.chunked + "1\r\na\r\n"), .pause, .send(rest)]
                    + (expected == .timedOut ? [.waitForEnd] : [.close])
            ])
            var limits = ClientLimits()
            limits.idleTimeout = .milliseconds(200)
            try await withClient(of: server, limits: limits) { client, loop in
                let answer = try await client.send(.get())
                let taker = ScriptedTaker { _ in
                    server.proceed()
                    return true
                }
                await #expect(throws: expected) { try await answer.readBody(into: taker) }
                answer.end()
                #expect(taker.pieces.first == "a")
                #expect(client.gauges.open.load(ordering: .relaxed) == 0)
            }
        }
    }

    @Test func aCallerThatClosesBetweenPiecesIsSeenAtOnce() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.chunked + "1\r\na\r\n"), .waitForEnd]])
        try await withClient(of: server) { client, loop in
            let (caller, peer) = try socketPair(on: loop)
            defer { caller.close() }
            let answer = try await client.send(.get())
            let taker = ScriptedTaker { _ in
                peer.close()
                return true
            }
            try #expect(await answer.readBody(watching: caller, into: taker) == .clientLeft)
            answer.end()
            #expect(taker.pieces == ["a"])
            #expect(client.gauges.open.load(ordering: .relaxed) == 0)
        }
    }

    @Test func anAnswerThatIsNoHTTPIsAnError() async throws {
        let server = try ScriptedServer([[.readRequest, .send("220 mail.example ESMTP\r\n\r\n"), .waitForEnd]])
        try await withClient(of: server) { client, loop in
            let error = await #expect(throws: ClientError.self) { try await get(client) }
            guard case .malformed = error else {
                Issue.record("not said to be malformed: \(String(describing: error))")
                return
            }
        }
    }

    @Test func nobodyListening() async throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let port = listener.address.port
        _ = consume listener
        let loop = try EventLoop(name: "client")
        let error = await Task(executorPreference: loop) {
            let client = HTTPClient(
                Origin(host: "127.0.0.1", port: port, isSecure: false), context: nil, limits: ClientLimits(), on: loop)
            do throws(ClientError) {
                try await client.send(ClientRequest(head: [], body: .none, isIdempotent: true)).end()
                return ClientError?.none
            } catch { return error }
        }.value
        #expect(error == .unreachable(.refused(SystemError("connect", ECONNREFUSED))))
    }

    @Test func whoComesWhenAllConnectionsAreInUseWaitsForOne() async throws {
        var limits = ClientLimits()
        limits.connections = 1
        let server = try ScriptedServer([
            [.readRequest, .pause, .send(Self.hello), .readRequest, .send(Self.hello), .waitForEnd]
        ])
        try await withClient(of: server, limits: limits) { client, loop in
            let (here, there) = try socketPair(on: loop)
            defer { here.close(); there.close() }
            nonisolated(unsafe) let shared = client  // both tasks run on its loop
            nonisolated(unsafe) let caller = there
            let second = Task(executorPreference: loop) {
                while shared.gauges.open.load(ordering: .relaxed) == 0 { await Task.yield() }
                server.proceed()
                return try await get(shared, clientSocket: caller)
            }
            try #expect(await get(client) == "hello")
            try #expect(await second.value == "hello")
            #expect(client.gauges.open.load(ordering: .relaxed) == 1)
        }
    }
}

private func withClient(
    of server: ScriptedServer, limits: ClientLimits = ClientLimits(),
    _ body: @escaping @Sendable (HTTPClient, EventLoop) async throws -> Void
) async throws {
    let loop = try EventLoop(name: "client")
    let origin = Origin(host: "127.0.0.1", port: server.address.port, isSecure: false)
    try await Task(executorPreference: loop) {
        let client = HTTPClient(origin, context: nil, limits: limits, on: loop)
        defer { client.close() }
        try await body(client, loop)
    }.value
}

extension ClientRequest {
    fileprivate static func get(clientSocket: Socket? = nil) -> ClientRequest {
        ClientRequest(
            head: Array("GET / HTTP/1.1\r\nhost: x\r\n\r\n".utf8), body: .none, isIdempotent: true,
            clientSocket: clientSocket)
    }
}

@discardableResult
private func get(_ client: HTTPClient, clientSocket: Socket? = nil) async throws -> String {
    try await text(of: client.send(.get(clientSocket: clientSocket)))
}

@discardableResult
private func post(_ client: HTTPClient) async throws -> String {
    let head = Array("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n".utf8)
    return try await text(
        of: client.send(ClientRequest(head: head, body: .bytes(Array("hi".utf8)), isIdempotent: false)))
}

private func text(of answer: ClientExchange) async throws -> String {
    defer { answer.end() }
    return String(decoding: try await answer.wholeBody(limit: 1 << 20), as: UTF8.self)
}

/// Remembers the pieces, and does after each read what it is given.
private final class ScriptedTaker: ResponseBodySink {
    private(set) var pieces: [String] = []
    private let act: ([String]) -> Bool

    init(_ act: @escaping ([String]) -> Bool) { self.act = act }

    func receive(_ piece: Span<UInt8>) {
        pieces.append(piece.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
    }

    func shouldContinue() -> Bool { act(pieces) }
}
