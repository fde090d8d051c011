import Clocks
import Loopback
import ManualTime
import Testing

@testable import Transport

@Suite struct ByteStreamTLSTests {
    @Test func bytesAndTheEndGoBothWays() async throws {
        try await onLoop { loop in
            let (client, server) = try await connectedPair(on: loop)
            defer { client.close(); server.close() }
            try await send(Array("ping".utf8), on: client)
            #expect(try await server.receive(until: .never) == .bytes(4))
            try await send(Array("pong!".utf8), on: server)
            #expect(try await client.receive(until: .never) == .bytes(5))
            client.finishSending()
            #expect(try await server.receive(until: .never) == .end)
        }
    }

    @Test func manyRecordsComeWithOneRead() async throws {
        try await onLoop { loop in
            let (client, server) = try await connectedPair(on: loop)
            defer { client.close(); server.close() }
            for _ in 0..<3 { try await send([UInt8](repeating: 7, count: 1000), on: client) }
            #expect(try await server.receive(until: .never) == .bytes(3000))
        }
    }

    @Test func largeContentArrivesWhole() async throws {
        try await onLoop { loop in
            let (client, server) = try await connectedPair(on: loop)
            defer { client.close(); server.close() }
            let content = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            nonisolated(unsafe) let sender = client  // stays on this loop
            let sending = Task(executorPreference: loop) { try await send(content, on: sender) }
            var received: [UInt8] = []
            while received.count < content.count, case .bytes(let count) = try await server.receive(until: .never) {
                received += server.received[..<count]
            }
            try await sending.value
            #expect(received == content)
            #expect(client.transportBytesSent > UInt64(content.count), "records have heads")
        }
    }

    @Test func aSilentPeerEndsTheHandshakeAtItsDeadline() async throws {
        let context = try TLSContext.testServer()
        try await onSteppedLoop { loop, clock in
            let (peer, socket) = try socketPair(on: loop)
            let session = TLSSession(context, descriptor: socket.descriptor, serverName: nil)
            let stream = ByteStream(socket, session: session)
            defer { peer.close(); stream.close() }
            let deadline = loop.now + .seconds(10)
            loop.execute { clock.advance(by: .seconds(10)) }
            await #expect(throws: StreamError.timedOut) { try await stream.handshake(until: deadline) }
        }
    }

    @Test func aPeerThatSpeaksNoTLSIsReported() async throws {
        let context = try TLSContext.testServer()
        try await onLoop { loop in
            let (peer, socket) = try socketPair(on: loop)
            let session = TLSSession(context, descriptor: socket.descriptor, serverName: nil)
            let stream = ByteStream(socket, session: session)
            defer { peer.close(); stream.close() }
            _ = peer.writeText("GET / HTTP/1.1\r\n\r\n")
            let error = await #expect(throws: StreamError.self) { try await stream.handshake(until: .never) }
            #expect(error?.description.contains("does not speak TLS") == true)
        }
    }

    @Test func aCutConnectionIsNoEnd() async throws {
        try await onLoop { loop in
            let (client, server) = try await connectedPair(on: loop)
            defer { client.close(); server.close() }
            // The end of the byte stream without `close_notify`.
            client.socket.finishSending()
            await #expect(throws: StreamError.tls(.closed)) { try await server.receive(until: .never) }
        }
    }
}

/// Two streams with a complete handshake.
private func connectedPair(on loop: EventLoop) async throws -> (ByteStream, ByteStream) {
    let (left, right) = try socketPair(on: loop)
    let client = ByteStream(
        left,
        session: TLSSession(try .testClient(), descriptor: left.descriptor, serverName: "gateway.test"))
    let server = ByteStream(
        right, session: TLSSession(try .testServer(), descriptor: right.descriptor, serverName: nil))
    nonisolated(unsafe) let other = server  // stays on this loop
    let accepting = Task(executorPreference: loop) { try await other.handshake(until: .never) }
    try await client.handshake(until: .never)
    try await accepting.value
    return (client, server)
}

private func send(_ bytes: [UInt8], on stream: ByteStream) async throws {
    try bytes.withUnsafeBytes { try stream.send($0) }
    try await stream.flush(timeout: .seconds(60))
}
