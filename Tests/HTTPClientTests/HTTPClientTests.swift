import Glibc
import HTTP1
import Loopback
import Testing
import Transport

@testable import HTTPClient

/// Sending of requests, and retries.
@Suite(.ownThread) struct HTTPClientTests {
    private static let hello = ClientFixture.hello

    // MARK: Sending

    @Test func aRequestIsSentAsItIs() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.hello), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            try #expect(await fixture.post() == "hello")
        }
        #expect(server.requests.withLock { $0 } == ["POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi"])
    }

    @Test(arguments: [0, 1, 65_536, 65_537, 300_000]) func aStoredBodyIsSentWhole(length: Int) async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.hello), .waitForEnd]])
        let head = "PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: \(length)\r\n\r\n"
        try await ClientFixture.run(server) { fixture in
            let request = ClientRequest(
                head: Array(head.utf8), body: .stored(PatternBody(length: length)), isIdempotent: true)
            let exchange = try await fixture.client.send(request)
            try #expect(await fixture.text(of: exchange) == "hello")
        }
        #expect(server.requests.withLock { $0 } == [head + PatternBody.text(length)])
    }

    @Test func aStoredBodyThatFailsIsAnError() async throws {
        let failure = SystemError("read", EIO)
        for (body, expected) in [
            (PatternBody(length: 9, failure: failure), ClientError.unreadableBody(failure)),
            (PatternBody(length: 9, available: 4), .unreadableBody(SystemError("read a temporary file", 0))),
        ] {
            let server = try ScriptedServer([[.waitForEnd]])
            nonisolated(unsafe) let body = body
            try await ClientFixture.run(server) { fixture in
                let request = ClientRequest(
                    head: Array("PUT / HTTP/1.1\r\ncontent-length: 9\r\n\r\n".utf8), body: .stored(body),
                    isIdempotent: true)
                await #expect(throws: expected) { _ = try await fixture.client.send(request) }
                #expect(fixture.open == 0)
            }
        }
    }

    @Test func anEarlyResponseToALargeBodyIsRead() async throws {
        let refusal = "HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno"
        for isStored in [false, true] {
            let server = try ScriptedServer([[.read(100), .send(refusal), .pause, .close]])
            try await ClientFixture.run(server) { fixture in
                let length = 32 << 20
                let request = ClientRequest(
                    head: Array("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: \(length)\r\n\r\n".utf8),
                    body: isStored
                        ? .stored(PatternBody(length: length)) : .bytes([UInt8](repeating: 1, count: length)),
                    isIdempotent: false)
                let exchange = try await fixture.client.send(request)
                #expect(exchange.head.status == 413)
                try #expect(await fixture.text(of: exchange) == "no")
                #expect(fixture.open == 0, "the server still waits for the rest of the request")
                server.proceed()
            }
        }
    }

    /// 100 (Continue), or any other interim response in any parts, comes while a large body is sent.
    @Test(arguments: [
        ["HTTP/1.1 100 Continue\r\n\r\n"], ["HTTP/1.1 103 Early Hi", "nts\r\nlink: x\r", "\n\r\n"],
        ["HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", "H"],
    ]) func anInterimResponseDoesNotStopTheSending(pieces: [String]) async throws {
        let head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: \(8 << 20)\r\n\r\n"
        // The last piece of the third row begins the final response, which is complete only after the body.
        let hello = pieces.last == "H" ? String(Self.hello.dropFirst()) : Self.hello
        let sends = pieces.flatMap { [ScriptedServer.Step.send($0), .read(1 << 16)] }
        let rest = [ScriptedServer.Step](repeating: .read(1 << 16), count: 128 - pieces.count)
        let again: [ScriptedServer.Step] = [.readRequest, .send(Self.hello), .waitForEnd]
        for isStored in [false, true] {
            let server = try ScriptedServer([[.read(head.utf8.count)] + sends + rest + [.send(hello)] + again])
            try await ClientFixture.run(server) { fixture in
                let request = ClientRequest(
                    head: Array(head.utf8),
                    body: isStored
                        ? .stored(PatternBody(length: 8 << 20)) : .bytes([UInt8](repeating: 1, count: 8 << 20)),
                    isIdempotent: false)
                let exchange = try await fixture.client.send(request)
                #expect(exchange.head.status == 200)
                try #expect(await fixture.text(of: exchange) == "hello")
                try #expect(await fixture.get() == "hello")
            }
            #expect(server.acceptedCount == 1)
        }
    }

    @Test func aResponseToHEADHasNoBody() async throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"
        let server = try ScriptedServer([[.readRequest, .send(head), .readRequest, .send(Self.hello), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let request = ClientRequest(
                head: Array("HEAD / HTTP/1.1\r\nhost: x\r\n\r\n".utf8), body: .none, isHEAD: true, isIdempotent: true)
            let exchange = try await fixture.client.send(request)
            try #expect(await fixture.text(of: exchange) == "")
            #expect(fixture.idle == 1)
            try #expect(await fixture.get() == "hello")
        }
        #expect(server.acceptedCount == 1)
    }

    @Test func aResponseThatIsNotHTTPIsAnError() async throws {
        let server = try ScriptedServer([[.readRequest, .send("220 mail.example ESMTP\r\n\r\n"), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            await #expect(throws: ClientError.malformed(.invalidStatusLine)) { try await fixture.get() }
            #expect(fixture.open == 0)
        }
    }

    @Test func aHeadBeyondTheLimitIsAnError() async throws {
        var limits = ClientLimits()
        limits.headerBytes = 256
        let head = "HTTP/1.1 200 OK\r\nx: " + String(repeating: "y", count: 300) + "\r\n\r\n"
        let server = try ScriptedServer([[.readRequest, .send(head), .waitForEnd]])
        try await ClientFixture.run(server, limits: limits) { fixture in
            await #expect(throws: ClientError.malformed(.headersTooLarge)) { try await fixture.get() }
        }
    }

    // MARK: The client that waits

    @Test func aClientThatLeavesBeforeTheResponseEndsTheExchange() async throws {
        let server = try ScriptedServer([[.readRequest, .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let (client, peer) = try fixture.clientSocket()
            let probe = CountingProbe(of: client)
            let response = fixture.startGet(for: client, probe: probe)
            #expect(await eventually { fixture.open == 1 && server.requests.withLock { $0.count } == 1 })
            peer.finishSending()
            #expect(await eventually { client.peerHasFinished })
            peer.close()
            #expect(await response.value == .failure(.clientGone))
            #expect(fixture.open == 0)
        }
    }

    /// It may still listen: it is probed once, and what it does not answer tells that it is there.
    @Test func aClientThatHasClosedItsSendingHalfGetsItsResponse() async throws {
        let server = try ScriptedServer([[.readRequest, .pause, .send(Self.hello), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let (client, peer) = try fixture.clientSocket()
            let probe = CountingProbe(of: client)
            let response = fixture.startGet(for: client, probe: probe)
            peer.finishSending()
            #expect(await eventually { probe.count == 1 })
            server.proceed()
            #expect(await response.value == .success("hello"))
            #expect(probe.count == 1)
        }
    }

    @Test func aResponseThatComesSoonIsNotPrecededByAProbe() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.hello), .waitForEnd]])
        var limits = ClientLimits()
        limits.probeGrace = .seconds(60)
        try await ClientFixture.run(server, limits: limits) { fixture in
            let (client, peer) = try fixture.clientSocket()
            let probe = CountingProbe(of: client)
            peer.finishSending()
            #expect(await eventually { client.peerHasFinished })
            #expect(await fixture.startGet(for: client, probe: probe).value == .success("hello"))
            #expect(probe.count == 0)
        }
    }

    @Test func aRequestMayOutliveItsClient() async throws {
        let server = try ScriptedServer([[.readRequest, .pause, .send(Self.hello), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let (client, peer) = try fixture.clientSocket()
            peer.finishSending()
            #expect(await eventually { client.peerHasFinished })
            server.proceed()
            let exchange = try await fixture.client.send(.get(for: client))
            try #expect(await fixture.text(of: exchange) == "hello")
        }
    }

    @Test func anInterruptionEndsTheExchange() async throws {
        let server = try ScriptedServer([[.readRequest, .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let (client, _) = try fixture.clientSocket()
            let response = fixture.startGet(for: client)
            #expect(await eventually { server.requests.withLock { $0.count } == 1 })
            client.interrupt()
            #expect(await response.value == .failure(.clientGone))
        }
    }

    /// The server reads nothing of a body that no buffer holds.
    @Test(arguments: [false, true]) func anInterruptionEndsTheSending(isStored: Bool) async throws {
        let length = 64 << 20
        let server = try ScriptedServer([[.read(1), .pause]])
        try await ClientFixture.run(server) { fixture in
            let (client, _) = try fixture.clientSocket()
            nonisolated(unsafe) let socket = client  // stays on the fixture's loop
            let request = Task(executorPreference: fixture.loop) { () -> ClientError? in
                let body: ClientRequest.Body =
                    isStored ? .stored(PatternBody(length: length)) : .bytes([UInt8](repeating: 1, count: length))
                let request = ClientRequest(
                    head: Array("PUT / HTTP/1.1\r\ncontent-length: \(length)\r\n\r\n".utf8), body: body,
                    isIdempotent: true, clientSocket: socket)
                do throws(ClientError) {
                    try await fixture.client.send(request).end()
                    return nil
                } catch { return error }
            }
            await fixture.loop.settle(rounds: 100)
            client.interrupt()
            #expect(await request.value == .clientGone)
        }
        server.proceed()
    }

    // MARK: Retries

    @Test func anIdempotentRequestIsRetriedOnceWhenTheKeptConnectionBreaks() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .readRequest, .reset], [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await ClientFixture.run(server) { fixture in
            try #expect(await fixture.get() == "hello")
            try #expect(await fixture.get() == "hello")
        }
        #expect(server.requests.withLock { $0.count } == 3)
    }

    @Test func aRetryIsNotRetried() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .readRequest, .close], [.readRequest, .close],
            [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await ClientFixture.run(server) { fixture in
            try #expect(await fixture.get() == "hello")
            await #expect(throws: ClientError.self) { try await fixture.get() }
        }
        #expect(server.requests.withLock { $0.count } == 3)
    }

    @Test func aRequestOnANewConnectionIsNotRetried() async throws {
        let server = try ScriptedServer([[.readRequest, .close], [.readRequest, .send(Self.hello), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            await #expect(throws: ClientError.self) { try await fixture.get() }
        }
        #expect(server.requests.withLock { $0.count } == 1)
    }

    @Test func aRequestWhoseResponseHasBegunIsNotRetried() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .readRequest, .send("HTTP/1.1 2"), .close],
            [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await ClientFixture.run(server) { fixture in
            try #expect(await fixture.get() == "hello")
            await #expect(throws: ClientError.truncated) { try await fixture.get() }
        }
        #expect(server.requests.withLock { $0.count } == 2)
    }

    @Test func aRequestThatTheServerReadIsNotRetriedWhereThatCouldDoHarm() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .readRequest, .close], [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await ClientFixture.run(server) { fixture in
            try #expect(await fixture.post() == "hello")
            await #expect(throws: ClientError.self) { try await fixture.post() }
        }
        #expect(server.requests.withLock { $0.count } == 2)
    }

    @Test func aRequestOfWhichNothingWasAcknowledgedIsRetried() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .pause, .close], [.readRequest, .send(Self.hello), .waitForEnd],
        ])
        try await ClientFixture.run(server) { fixture in
            try #expect(await fixture.post() == "hello")
            // The server closes while this loop is busy, so that the client cannot have been told when it sends.
            server.proceed()
            server.awaitEnd()
            try #expect(await fixture.post() == "hello")
        }
        #expect(server.requests.withLock { $0.count } == 2)
        #expect(server.acceptedCount == 2)
    }

    // MARK: Connecting

    @Test func nothingListensAtTheOrigin() async throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let port = listener.address.port
        _ = consume listener
        let refused = ClientError.unreachable(.refused(SystemError("connect", ECONNREFUSED)))
        try await ClientFixture.run(port: port) { fixture in
            await #expect(throws: refused) { try await fixture.get() }
            #expect(fixture.open == 0)
        }
    }

    @Test func aClientThatLeavesEndsTheRetriesOfConnecting() async throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        let port = listener.address.port
        _ = consume listener
        try await ClientFixture.run(port: port) { fixture in
            let (client, peer) = try fixture.clientSocket()
            peer.close()
            await #expect(throws: ClientError.clientGone) { try await fixture.get(for: client) }
            #expect(fixture.open == 0)
        }
    }

    @Test func errorsOfTheStreamAreThoseOfTheClient() {
        let broken = SystemError("recv", ECONNRESET)
        #expect(ClientError(.broken(broken)) == .broken(broken))
        #expect(ClientError(.tls(.closed)) == .truncated)
        #expect(ClientError(.tls(.handshake("x"))) == .tls(.handshake("x")))
        #expect(ClientError(.timedOut) == .timedOut)
    }
}
