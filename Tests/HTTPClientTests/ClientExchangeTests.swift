import Clocks
import HTTP1
import Loopback
import SeededRandom
import Testing
import Transport

@testable import HTTPClient

/// Reading of response bodies.
@Suite(.ownThread) struct ClientExchangeTests {
    private static let hello = ClientFixture.hello
    private static let chunked = ClientFixture.chunked

    // MARK: Framing

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x\r\nllo\r\n0\r\nt: 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.0 200 OK\r\n\r\nhello", hello,
        "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
    ]) func everyFramingIsRead(response: String) async throws {
        let server = try ScriptedServer([[.readRequest, .send(response), .close]])
        try await ClientFixture.run(server) { fixture in try #expect(await fixture.get() == "hello") }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", chunked + "4\r\nhalf\r\n", chunked + "9\r\nhalf", chunked,
        "HTTP/1.1 200 OK\r\ncontent-le",
    ]) func aTruncatedResponseIsAnError(response: String) async throws {
        let server = try ScriptedServer([[.readRequest, .send(response), .close]])
        try await ClientFixture.run(server) { fixture in
            await #expect(throws: ClientError.truncated) { try await fixture.get() }
            #expect(fixture.open == 0)
        }
    }

    @Test func everySplitOfAResponseIsRead() async throws {
        let response = Array((Self.chunked + "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n").utf8)
        let splits = everySplit(response)
        let script = splits.flatMap { pieces -> [ScriptedServer.Step] in
            [.readRequest] + pieces.filter { !$0.isEmpty }.map { .send(String(decoding: $0, as: UTF8.self)) }
        }
        let server = try ScriptedServer([script + [.waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            for _ in splits { try #expect(await fixture.get() == "hello") }
        }
        #expect(server.acceptedCount == 1)
    }

    @Test func theWholeBodyHasALimit() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.hello), .readRequest, .send(Self.hello), .waitForEnd]
        ])
        try await ClientFixture.run(server) { fixture in
            let fitting = try await fixture.client.send(.get())
            try #expect(await fitting.wholeBody(limit: 5) == Array("hello".utf8))
            fitting.end()
            let tooLong = try await fixture.client.send(.get())
            await #expect(throws: ClientError.truncated) { try await tooLong.wholeBody(limit: 4) }
            tooLong.end()
        }
    }

    // MARK: Pieces

    @Test func piecesAreReceivedAsTheyCome() async throws {
        let server = try ScriptedServer([
            [
                .readRequest, .send(Self.chunked + "1\r\na\r\n"), .pause, .send("1\r\nb\r\n1\r"), .pause,
                .send("\nc\r\n"), .pause, .send("0\r\n\r\n"), .waitForEnd,
            ]
        ])
        try await ClientFixture.run(server) { fixture in
            let exchange = try await fixture.client.send(.get())
            defer { exchange.end() }
            // Each piece is sent when the one before was received, so that none can wait for another.
            let sink = RecordingSink { _ in
                server.proceed()
                return true
            }
            try #expect(await exchange.readBody(into: sink) == .end)
            #expect(sink.pieces == ["a", "b", "c"])
        }
    }

    @Test func aSinkMayPause() async throws {
        let server = try ScriptedServer([
            [
                .readRequest, .send(Self.chunked + "1\r\na\r\n"), .pause, .send("1\r\nb\r\n"), .pause,
                .send("1\r\nc\r\n0\r\n\r\n"), .waitForEnd,
            ]
        ])
        try await ClientFixture.run(server) { fixture in
            let exchange = try await fixture.client.send(.get())
            defer { exchange.end() }
            let sink = RecordingSink { pieces in
                server.proceed()
                return pieces.count != 2
            }
            try #expect(await exchange.readBody(into: sink) == .more)
            #expect(sink.pieces == ["a", "b"])
            try #expect(await exchange.readBody(into: sink) == .end)
            #expect(sink.pieces == ["a", "b", "c"])
            try #expect(await exchange.readBody(into: sink) == .end)
        }
    }

    @Test func aBodyIsOverOnceItsExchangeHasEnded() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.hello), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let exchange = try await fixture.client.send(.get())
            exchange.end()
            exchange.end()
            let sink = RecordingSink()
            try #expect(await exchange.readBody(into: sink) == .end)
            #expect(sink.pieces == [])
            #expect(fixture.open == 0, "the body was not read, so the connection cannot be kept")
        }
    }

    @Test(arguments: [("z\r\n", ClientError.malformed(.invalidChunkSize)), ("2\r\nb", .truncated)])
    func errorsAfterAPieceAreThrown(rest: String, expected: ClientError) async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.chunked + "1\r\na\r\n"), .pause, .send(rest), .close]
        ])
        try await ClientFixture.run(server) { fixture in
            let exchange = try await fixture.client.send(.get())
            let sink = RecordingSink { _ in
                server.proceed()
                return true
            }
            await #expect(throws: expected) { try await exchange.readBody(into: sink) }
            exchange.end()
            #expect(sink.pieces.first == "a")
            #expect(fixture.open == 0)
        }
    }

    // MARK: The watched client

    @Test func aClientThatClosesBetweenPiecesIsSeenAtOnce() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.chunked + "1\r\na\r\n"), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let (client, peer) = try fixture.clientSocket()
            let exchange = try await fixture.client.send(.get())
            let sink = RecordingSink { _ in
                peer.close()
                return true
            }
            try #expect(await exchange.readBody(watching: client, into: sink) == .clientLeft)
            exchange.end()
            #expect(sink.pieces == ["a"])
            #expect(fixture.open == 0)
        }
    }

    @Test func aClientThatOnlyFinishedSendingIsNotBroken() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send(Self.chunked + "1\r\na\r\n"), .pause, .send("0\r\n\r\n"), .waitForEnd]
        ])
        try await ClientFixture.run(server) { fixture in
            let (client, peer) = try fixture.clientSocket()
            peer.finishSending()
            #expect(await eventually { client.peerHasFinished })
            let exchange = try await fixture.client.send(.get())
            defer { exchange.end() }
            let sink = RecordingSink()
            try #expect(await exchange.readBody(watching: client, into: sink) == .clientLeft)
            server.proceed()
            try #expect(await exchange.readBody(watching: client, for: .broken, into: sink) == .end)
        }
    }

    @Test func anInterruptionEndsTheReading() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.chunked + "1\r\na\r\n"), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let (client, _) = try fixture.clientSocket()
            let exchange = try await fixture.client.send(.get())
            nonisolated(unsafe) let watched = client  // used on the fixture's loop alone
            let sink = RecordingSink { [loop = fixture.loop] _ in
                loop.execute { watched.interrupt() }
                return true
            }
            await #expect(throws: ClientError.clientGone) { try await exchange.readBody(watching: client, into: sink) }
            exchange.end()
        }
    }

    @Test func anInterruptionEndsTheReadingOfAWholeBody() async throws {
        let server = try ScriptedServer([[.readRequest, .send(Self.chunked + "1\r\na\r\n"), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let (client, peer) = try fixture.clientSocket()
            let exchange = try await fixture.client.send(.get())
            nonisolated(unsafe) let (watched, reading) = (client, exchange)  // used on the fixture's loop alone
            let body = Task(executorPreference: fixture.loop) { () -> ClientError? in
                do throws(ClientError) {
                    _ = try await reading.wholeBody(limit: 100, for: watched)
                    return nil
                } catch { return error }
            }
            await fixture.loop.settle()
            // The client's departure does not.
            peer.finishSending()
            await fixture.loop.settle()
            client.interrupt()
            #expect(await body.value == .clientGone)
            exchange.end()
        }
    }

    // MARK: Taking over

    @Test(arguments: ["", "early"]) func aSwitchedConnectionIsHandedOver(early: String) async throws {
        let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"
        let server = try ScriptedServer([[.readRequest, .send(head + early), .pause, .send("late"), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            let exchange = try await fixture.client.send(
                ClientRequest(
                    head: Array("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n".utf8),
                    body: .none,
                    isIdempotent: false, asksForUpgrade: true))
            #expect(exchange.head.status == 101)
            let (stream, first) = try exchange.takeOver()
            defer {
                stream.close()
                #expect(fixture.open == 0)
                stream.close()
                #expect(fixture.open == 0)
            }
            #expect(fixture.open == 1, "the connection is the caller's, and still one of the bound")
            var text = String(decoding: first, as: UTF8.self)
            server.proceed()
            while text != early + "late" {
                guard case .bytes(let count) = try await stream.receive(until: fixture.loop.now + .seconds(10)) else {
                    break
                }
                text += String(decoding: stream.received[..<count], as: UTF8.self)
            }
            #expect(text == early + "late")
        }
    }

    @Test func a101ThatNothingAskedForIsRefusedAndItsConnectionCloses() async throws {
        let head = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"
        let server = try ScriptedServer([[.readRequest, .send(head + "early"), .waitForEnd]])
        try await ClientFixture.run(server) { fixture in
            await #expect(throws: ClientError.uninvitedSwitch) { try await fixture.client.send(.get()) }
            #expect(fixture.open == 0)
        }
        server.awaitEnd()
    }

    @Test func anotherResponseIsNotHandedOver() async throws {
        let server = try ScriptedServer([
            [.readRequest, .send("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), .waitForEnd]
        ])
        try await ClientFixture.run(server) { fixture in
            let exchange = try await fixture.client.send(.get())
            #expect(throws: ClientError.truncated) { _ = try exchange.takeOver() }
            exchange.end()
            #expect(fixture.open == 1, "the connection is kept")
        }
    }
}
