import Clocks
import HTTP1
import HTTPServer
import Loopback
import ManualTime
import SeededRandom
import Testing
import Transport

@testable import Gateway

@Suite struct WebSocketTunnelTests {
    /// A masked text frame and a plain one.
    private static let fromClient: [UInt8] = [0x81, 0x82, 1, 2, 3, 4, 0x69, 0x6B]
    private static let fromServer: [UInt8] = [0x81, 2, 0x68, 0x69]
    private static let clientClose: [UInt8] = [0x88, 0x82, 0, 0, 0, 0, 3, 0xE8]
    private static let serverClose: [UInt8] = [0x88, 2, 3, 0xE8]

    @Test func messagesAndCloseFramesPassBothWays() async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop)
            ends.client.writeBytes(Self.fromClient)
            ends.server.writeBytes(Self.fromServer)
            #expect(await ends.server.readBytes(8) == Self.fromClient)
            #expect(await ends.client.readBytes(4) == Self.fromServer)
            ends.client.writeBytes(Self.clientClose)
            #expect(await ends.server.readBytes(8) == Self.clientClose)
            ends.server.writeBytes(Self.serverClose)
            #expect(await ends.client.readBytes(4) == Self.serverClose)
            #expect(await running.value == "complete")
            #expect(ends.tunnel.client.passed == 16)
            #expect(ends.tunnel.upstream.passed == 8)
            #expect(ends.tunnel.closingSince == nil)
        }
    }

    @Test func whatCameWithTheHeadsPassesFirst() async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            ends.tunnel.passEarly(Array(Self.fromClient.prefix(3)), from: ends.tunnel.client)
            ends.tunnel.passEarly(Self.fromServer, from: ends.tunnel.upstream)
            ends.client.writeBytes(Array(Self.fromClient.dropFirst(3)) + Self.clientClose)
            ends.server.writeBytes(Self.serverClose)
            #expect(await ends.run(on: loop).value == "complete")
            #expect(await ends.server.readBytes(16) == Self.fromClient + Self.clientClose)
            #expect(await ends.client.readBytes(8) == Self.fromServer + Self.serverClose)
        }
    }

    @Test(arguments: [0, 1, 2, 3]) func theGatewayClosesAfterTheFrameInProgress(sent: Int) async throws {
        try await onSteppedLoop { loop, clock in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            var reason: TunnelEnd?
            ends.tunnel.watch { reason }
            ends.server.writeBytes(Array(Self.fromServer.prefix(sent)))
            let running = ends.run(on: loop)
            #expect(await ends.client.readBytes(sent) == Array(Self.fromServer.prefix(sent)))
            reason = .draining
            await loop.settle()
            clock.advance(by: .seconds(1))
            await loop.settle()
            let closing = TunnelEnd.draining.closeForClient.frame(mask: nil)
            let rest = sent == 0 ? [] : Array(Self.fromServer.dropFirst(sent))
            // A second message does not pass any more.
            ends.server.writeBytes(rest + Self.fromServer + Self.serverClose)
            #expect(await ends.client.readBytes(rest.count + closing.count) == rest + closing)
            let close = await ends.server.readBytes(8)
            #expect(close.prefix(2) == [0x88, 0x82], "a client masks its frames")
            #expect([close[6] ^ close[2], close[7] ^ close[3]] == [3, 0xE9])
            ends.client.writeBytes(Self.clientClose)
            #expect(await running.value == "drained")
        }
    }

    @Test func aFrameThatDoesNotEndIsCutAfterTwoSeconds() async throws {
        try await onSteppedLoop { loop, clock in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            var reason: TunnelEnd?
            ends.tunnel.watch { reason }
            ends.server.writeBytes([0x81, 5, 1])
            let running = ends.run(on: loop)
            #expect(await ends.client.readBytes(3) == [0x81, 5, 1])
            reason = .overrun
            for step in [Duration.seconds(1), .seconds(2) - .nanoseconds(1)] {
                await loop.settle()
                clock.advance(by: step)
            }
            await loop.settle()
            #expect(!ends.client.peerHasFinished)
            clock.advance(by: .nanoseconds(1))
            #expect(await ends.client.wait(for: .peerFinished, until: .never) == .ready)
            #expect(await ends.client.readBytes(1).isEmpty, "no close frame within another frame")
            await loop.settle()
            // Neither side answers.
            clock.advance(by: .seconds(2))
            #expect(await running.value == "overrun")
        }
    }

    @Test func anAbortWaitsForNobody() async throws {
        try await onSteppedLoop { loop, clock in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            var reason: TunnelEnd?
            ends.tunnel.watch { reason }
            let running = ends.run(on: loop)
            await loop.settle()
            reason = .aborted
            ends.tunnel.client.stream.socket.interrupt()
            #expect(await running.value == "drained")
            #expect(await ends.client.readBytes(4).prefix(1) == [0x88], "the client is told all the same")
        }
    }

    @Test(arguments: [true, false]) func aConnectionThatEndsWithoutACloseFrame(ofClient: Bool) async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop)
            if ofClient {
                ends.client.finishSending()
                let close = await ends.server.readBytes(8)
                #expect([close[6] ^ close[2], close[7] ^ close[3]] == [3, 0xE9])
                ends.server.writeBytes(Self.serverClose)
                #expect(await running.value == "caller_gone")
            } else {
                ends.server.finishSending()
                #expect(await ends.client.readBytes(4).suffix(2) == [3, 0xF3])
                ends.client.writeBytes(Self.clientClose)
                #expect(await running.value == "upstream_interrupted")
            }
        }
    }

    @Test(arguments: [true, false]) func aConnectionThatEndsWithinAFrame(ofClient: Bool) async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop)
            let (source, target) = ofClient ? (ends.client, ends.server) : (ends.server, ends.client)
            let part: [UInt8] = ofClient ? [0x82, 0x85, 0, 0, 0, 0, 1] : [0x82, 5, 1]
            source.writeBytes(part)
            source.finishSending()
            #expect(await target.wait(for: .peerFinished, until: .never) == .ready)
            #expect(await target.readBytes(100) == part, "a part of a frame and nothing that would complete it")
            target.writeBytes(ofClient ? Self.serverClose : Self.clientClose)
            #expect(await running.value == (ofClient ? "caller_gone" : "upstream_interrupted"))
        }
    }

    @Test func aClientThatBreaksTheProtocolIsToldSo() async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop)
            ends.client.writeBytes(Self.fromClient + [0x81, 2, 0x68, 0x69])
            #expect(await ends.client.readBytes(4).suffix(2) == [3, 0xEA])
            let received = await ends.server.readBytes(16)
            #expect(Array(received.prefix(8)) == Self.fromClient)
            #expect([received[14] ^ received[10], received[15] ^ received[11]] == [3, 0xE9])
            ends.server.writeBytes(Self.serverClose)
            #expect(await running.value == "caller_gone")
        }
    }

    @Test func anUpstreamThatBreaksTheProtocolIsToldSo() async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop)
            ends.server.writeBytes([0xC1, 1, 0x68])
            #expect(await ends.client.readBytes(4).suffix(2) == [3, 0xF3])
            let close = await ends.server.readBytes(8)
            #expect([close[6] ^ close[2], close[7] ^ close[3]] == [3, 0xEA])
            ends.client.writeBytes(Self.clientClose)
            #expect(await running.value == "upstream_interrupted")
        }
    }

    @Test func everyByteStartsTheIdleTimeoutAgain() async throws {
        try await onSteppedLoop { loop, clock in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop)
            for (sender, bytes) in [
                (ends.client, Self.fromClient), (ends.server, Self.fromServer), (ends.client, Self.fromClient),
            ] {
                await loop.settle()
                clock.advance(by: .seconds(59))
                await loop.settle()
                sender.writeBytes(bytes)
            }
            _ = await ends.server.readBytes(16)
            await loop.settle()
            clock.advance(by: .seconds(60) - .nanoseconds(1))
            await loop.settle()
            #expect(ends.tunnel.end == nil)
            clock.advance(by: .nanoseconds(1))
            #expect(await ends.client.readBytes(8).suffix(2) == [3, 0xE9])
            ends.client.writeBytes(Self.clientClose)
            ends.server.writeBytes(Self.serverClose)
            #expect(await running.value == "idle_timeout")
        }
    }

    @Test func aCloseFrameThatIsNotAnsweredEndsInTenSeconds() async throws {
        try await onSteppedLoop { loop, clock in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop)
            ends.client.writeBytes(Self.clientClose)
            #expect(await ends.server.readBytes(8) == Self.clientClose)
            await loop.settle()
            clock.advance(by: .seconds(10))
            #expect(await ends.client.readBytes(4) == Self.serverClose, "the client gets an answer")
            await loop.settle()
            clock.advance(by: .seconds(4))
            #expect(await running.value == "complete")
        }
    }

    @Test func checksResumeNoTaskAndComeEverySecond() async throws {
        try await onSteppedLoop { loop, clock in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            var checks = 0
            ends.tunnel.watch {
                checks += 1
                return nil
            }
            let running = ends.run(on: loop)
            await loop.settle()
            #expect(checks == 1)
            for expected in 2...20 {
                clock.advance(by: .seconds(1))
                await loop.settle()
                #expect(checks == expected)
            }
            ends.client.writeBytes(Self.clientClose)
            ends.server.writeBytes(Self.serverClose)
            #expect(await running.value == "complete")
        }
    }

    @Test func aSlowReaderSlowsItsWriterAndLosesNothing() async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop, sendBuffer: 4096)
            defer { ends.close() }
            let running = ends.run(on: loop)
            let payload = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let sent = [0x82, 0xFF, 0, 0, 0, 0, 0, 3, 0x0D, 0x40, 0, 0, 0, 0] + payload + Self.clientClose
            var random = SeededGenerator(seed: 7)
            var written = 0
            var received: [UInt8] = []
            while received.count < sent.count {
                if written < sent.count,
                    case .bytes(let count) = sent[written...].withUnsafeBytes({ ends.client.write($0) })
                {
                    written += count
                }
                let limit = Int.random(in: 1...3000, using: &random)
                let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.readBuffer[..<limit])
                if case .bytes(let count) = ends.server.read(into: buffer) { received += buffer[..<count] }
                #expect(written - received.count <= 3 * 65_536, "what is on its way is bounded")
                await Task.yield()
            }
            #expect(received == sent)
            ends.server.writeBytes(Self.serverClose)
            #expect(await running.value == "complete")
        }
    }
}

/// Runs `body` on a loop of its own.
private func onLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
    let loop = try EventLoop(name: "tunnel")
    try await Task(executorPreference: loop) { try await body(loop) }.value
}

/// Runs `body` on a loop whose clock it steps.
private func onSteppedLoop(_ body: @escaping @Sendable (EventLoop, ManualTime) async throws -> Void) async throws {
    let clock = ManualTime()
    let loop = try EventLoop(name: "tunnel", clock: clock)
    try await Task(executorPreference: loop) { try await body(loop, clock) }.value
}

/// A client and a server with a tunnel between them.
///
/// - Soundness of `@unchecked Sendable`: used on one loop.
private final class TunnelEnds: @unchecked Sendable {
    let client: Socket
    let tunnel: WebSocketTunnel
    let server: Socket

    init(on loop: EventLoop, sendBuffer: Int32? = nil) throws {
        let (client, accepted) = try socketPair(on: loop, sendBuffer: sendBuffer)
        let (connected, server) = try socketPair(on: loop, sendBuffer: sendBuffer)
        self.client = client
        self.server = server
        tunnel = WebSocketTunnel(
            between: ByteStream(accepted), and: ByteStream(connected), compresses: false, idleTimeout: .seconds(60))
    }

    /// Runs the tunnel, and returns the ending that the ledger states.
    func run(on loop: EventLoop) -> Task<String, Never> {
        Task(executorPreference: loop) { [self] in await tunnel.run().ending.rawValue }
    }

    func close() {
        client.close()
        tunnel.client.stream.close()
        tunnel.upstream.stream.close()
        server.close()
    }
}

extension Socket {
    /// Writes all of `bytes`, which fit into the socket's buffer.
    fileprivate func writeBytes(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        let written = bytes.withUnsafeBytes { write($0) }
        #expect(written == .bytes(bytes.count))
    }

    /// The next `count` bytes, or fewer where the peer ends first.
    fileprivate func readBytes(_ count: Int) async -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.readBuffer[..<(count - bytes.count)])
            switch read(into: buffer) {
            case .bytes(let number): bytes += buffer[..<number]
            case .wouldBlock: if await wait(for: .readable, until: .never) != .ready { return bytes }
            case .end, .failed: return bytes
            }
        }
        return bytes
    }
}
