import Clocks
import Loopback
import ManualTime
import SeededRandom
import Testing

@testable import Transport

@Suite struct TunnelTests {
    @Test func bytesGoBothWaysUntilBothSidesHaveEnded() async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            _ = ends.client.writeText("ping")
            ends.client.finishSending()
            _ = ends.server.writeText("pong!")
            ends.server.finishSending()
            var tunnel = Tunnel(between: ends.left, and: ends.right)
            try await tunnel.run(timeout: .seconds(60))
            #expect(tunnel.sent == (fromLeft: 4, fromRight: 5))
            #expect(ends.server.readText() == "ping")
            #expect(ends.client.readText() == "pong!")
            #expect(await ends.server.wait(for: .peerFinished, until: .never) == .ready)
            #expect(await ends.client.wait(for: .peerFinished, until: .never) == .ready)
        }
    }

    @Test func oneSidesEndLeavesTheOtherDirectionOpen() async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop, timeout: .seconds(60))
            ends.client.finishSending()
            #expect(await ends.server.wait(for: .peerFinished, until: .never) == .ready)
            _ = ends.server.writeText("still here")
            #expect(await ends.client.wait(for: .readable, until: .never) == .ready)
            #expect(ends.client.readText() == "still here")
            ends.server.finishSending()
            #expect(await running.value == .ended)
        }
    }

    @Test func silenceOnBothSidesEndsIt() async throws {
        try await onSteppedLoop { loop, clock in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop, timeout: .seconds(60))
            await loop.settle()
            clock.advance(by: .seconds(60))
            #expect(await running.value == .failed(.timedOut))
        }
    }

    @Test func everyByteStartsTheTimeoutAgain() async throws {
        try await onSteppedLoop { loop, clock in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop, timeout: .seconds(60))
            for sender in [ends.client, ends.server, ends.client] {
                await loop.settle()
                clock.advance(by: .seconds(59))
                await loop.settle()
                _ = sender.writeText("x")
            }
            await loop.settle()
            clock.advance(by: .seconds(60) - .nanoseconds(1))
            await loop.settle()
            // Still open: an end on both sides ends it properly.
            ends.client.finishSending()
            ends.server.finishSending()
            #expect(await running.value == .ended)
        }
    }

    @Test func anInterruptEndsIt() async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop)
            defer { ends.close() }
            let running = ends.run(on: loop, timeout: .seconds(60))
            await loop.settle()
            ends.right.socket.interrupt()
            #expect(await running.value == .ended)
        }
    }

    @Test func aSlowReaderSlowsItsWriterAndLosesNothing() async throws {
        try await onLoop { loop in
            let ends = try TunnelEnds(on: loop, sendBuffer: 4096)
            defer { ends.close() }
            let running = ends.run(on: loop, timeout: .seconds(60))
            let sent = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
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
            ends.client.finishSending()
            ends.server.finishSending()
            #expect(await running.value == .ended)
        }
    }
}

/// A client and a server with a tunnel's two streams between them.
///
/// - Soundness of `@unchecked Sendable`: used on one loop.
private final class TunnelEnds: @unchecked Sendable {
    /// The result of a run.
    enum Outcome: Equatable {
        case ended
        case failed(StreamError)
    }

    let client: Socket
    let left: ByteStream
    let right: ByteStream
    let server: Socket

    init(on loop: EventLoop, sendBuffer: Int32? = nil) throws {
        let (client, accepted) = try socketPair(on: loop, sendBuffer: sendBuffer)
        let (connected, server) = try socketPair(on: loop, sendBuffer: sendBuffer)
        self.client = client
        left = ByteStream(accepted)
        right = ByteStream(connected)
        self.server = server
    }

    func run(on loop: EventLoop, timeout: Duration) -> Task<Outcome, Never> {
        Task(executorPreference: loop) { [self] in
            var tunnel = Tunnel(between: left, and: right)
            do throws(StreamError) {
                try await tunnel.run(timeout: timeout)
                return .ended
            } catch {
                return .failed(error)
            }
        }
    }

    func close() {
        client.close()
        left.close()
        right.close()
        server.close()
    }
}
