import Clocks
import Loopback
import ManualTime
import SeededRandom
import Testing

@testable import Transport

@Suite struct ByteStreamTests {
    // MARK: Reading

    @Test func bytesAndTheEndAreReceived() async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop)
            defer { peer.close(); stream.close() }
            _ = peer.writeText("hello")
            #expect(try await stream.receive(until: .never) == .bytes(5))
            let bytes = stream.withReceived(5) { span in (0..<span.count).map { span[$0] } }
            #expect(bytes == Array("hello".utf8))
            peer.finishSending()
            #expect(try await stream.receive(until: .never) == .end)
        }
    }

    @Test func withoutBytesAReadBringsNothing() async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop)
            defer { peer.close(); stream.close() }
            #expect(try stream.read() == nil)
            #expect(!stream.mayRead)
        }
    }

    @Test func receivingEndsAtTheDeadline() async throws {
        try await onSteppedLoop { loop, clock in
            let (peer, stream) = try streamPair(on: loop)
            defer { peer.close(); stream.close() }
            let deadline = loop.now + .seconds(60)
            loop.execute { clock.advance(by: .seconds(60)) }
            #expect(try await stream.receive(until: deadline) == .timedOut)
        }
    }

    @Test func theWatchedSocketEndsTheWait() async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop)
            let (client, watched) = try socketPair(on: loop)
            defer { peer.close(); stream.close(); watched.close() }
            client.close()
            #expect(try await stream.receive(until: .never, or: watched) == .other)
        }
    }

    @Test func anInterruptEndsTheWait() async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop)
            defer { peer.close(); stream.close() }
            nonisolated(unsafe) let socket = stream.socket  // stays on this loop
            loop.execute { socket.interrupt() }
            #expect(try await stream.receive(until: .never) == .interrupted)
        }
    }

    @Test func aResetIsAnError() async throws {
        try await onLoop { loop in
            let (client, server) = try await tcpPair(on: loop)
            let stream = ByteStream(server)
            defer { stream.close() }
            client.reset()
            let error = await #expect(throws: StreamError.self) { try await stream.receive(until: .never) }
            #expect(error?.description == "recv: Connection reset by peer")
        }
    }

    // MARK: Writing

    @Test func bytesThatTheSystemAcceptsAreNotKept() async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop)
            defer { peer.close(); stream.close() }
            try send("one ", "two", on: stream)
            #expect(stream.unsentCount == 0)
            #expect(stream.transportBytesSent == 7)
            _ = await peer.wait(for: .readable, until: .never)
            #expect(peer.readText() == "one two")
        }
    }

    /// The model is the concatenation of everything sent.
    @Test(arguments: 0..<10) func bytesArriveInTheirOrderWhateverTheSystemAccepts(seed: Int) async throws {
        try await onLoop { loop in
            var random = SeededGenerator(seed: UInt64(seed))
            let (peer, stream) = try streamPair(on: loop, sendBuffer: 4096)
            defer { peer.close(); stream.close() }
            var model: [UInt8] = []
            var received: [UInt8] = []
            func receive() {
                let limit = random.number(1...5000)
                let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.readBuffer[..<limit])
                if case .bytes(let count) = peer.read(into: buffer) { received += buffer[..<count] }
            }
            for _ in 0..<200 {
                switch random.number(0...3) {
                case 0, 1:
                    let first = (0..<random.number(0...3000)).map { _ in UInt8(random.number(0...255)) }
                    let second = (0..<random.number(0...3000)).map { _ in UInt8(random.number(0...255)) }
                    try first.withUnsafeBytes { first in
                        try second.withUnsafeBytes { try stream.send(first, $0) }
                    }
                    model += first + second
                case 2: try stream.sendWhatIsLeft()
                default: receive()
                }
                #expect(Int(stream.transportBytesSent) + stream.unsentCount == model.count)
            }
            while received.count < model.count {
                try stream.sendWhatIsLeft()
                receive()
            }
            #expect(received == model)
            #expect(stream.unsentCount == 0)
        }
    }

    @Test func flushingWaitsUntilThePeerHasReadEverything() async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop, sendBuffer: 4096)
            defer { peer.close(); stream.close() }
            try fill(stream)
            let unsent = stream.unsentCount
            #expect(unsent > 0)
            nonisolated(unsafe) let reader = peer  // stays on this loop
            loop.spawn {
                while await reader.wait(for: .readable, until: .never) == .ready {
                    if case .end = reader.read(into: loop.readBuffer) { return }
                }
            }
            #expect(try await stream.flush(timeout: .seconds(60)))
            #expect(stream.unsentCount == 0)
            stream.finishSending()
            await loop.settle()
        }
    }

    @Test func flushingEndsWhenNothingIsAcceptedForTheTimeout() async throws {
        try await onSteppedLoop { loop, clock in
            let (peer, stream) = try streamPair(on: loop, sendBuffer: 4096)
            defer { peer.close(); stream.close() }
            try fill(stream)
            let flushing = StartedFlush(of: stream, timeout: .seconds(30))
            await loop.settle()
            // Progress begins the timeout again.
            for _ in 0..<3 {
                clock.advance(by: .seconds(29))
                await loop.settle()
                #expect(flushing.error == nil)
                _ = peer.read(into: loop.readBuffer)
                await loop.settle()
            }
            clock.advance(by: .seconds(30))
            await loop.settle()
            #expect(flushing.error == .timedOut)
        }
    }

    /// By an interruption of its own socket, or of another that it watches.
    @Test(arguments: [false, true]) func flushingEndsWhenItIsInterrupted(byOther: Bool) async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop, sendBuffer: 4096)
            let (other, otherPeer) = try socketPair(on: loop)
            defer { peer.close(); stream.close(); other.close(); otherPeer.close() }
            try fill(stream)
            let flushing = StartedFlush(of: stream, timeout: .seconds(30), or: other)
            await loop.settle()
            #expect(flushing.error == nil)
            (byOther ? other : stream.socket).interrupt()
            await loop.settle()
            #expect(flushing.error == .interrupted)
        }
    }

    @Test func flushingYieldsToBytesFromThePeer() async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop, sendBuffer: 4096)
            defer { peer.close(); stream.close() }
            try fill(stream)
            _ = peer.writeText("stop")
            #expect(try await stream.flush(timeout: .seconds(60), yieldsToReading: true) == false)
            #expect(try await stream.receive(until: .never) == .bytes(4))
        }
    }

    @Test func sendingToAClosedPeerIsAnError() async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop)
            defer { stream.close() }
            peer.close()
            #expect(throws: StreamError.self) { try send("a", on: stream) }
            #expect(throws: StreamError.self) { try send("b", "c", on: stream) }
        }
    }

    @Test func withoutTLSAHandshakeIsComplete() async throws {
        try await onLoop { loop in
            let (peer, stream) = try streamPair(on: loop)
            defer { peer.close(); stream.close() }
            try await stream.handshake(until: MonotonicTime(nanoseconds: 0))
        }
    }
}

/// A socket and a stream that are connected.
func streamPair(on loop: EventLoop, sendBuffer: Int32? = nil) throws -> (Socket, ByteStream) {
    let (left, right) = try socketPair(on: loop, sendBuffer: sendBuffer)
    return (left, ByteStream(right))
}

/// Sends more than the system accepts.
private func fill(_ stream: ByteStream) throws {
    let block = [UInt8](repeating: 7, count: 1 << 20)
    try block.withUnsafeBytes { try stream.send($0) }
}

private func send(_ text: String, on stream: ByteStream) throws {
    try Array(text.utf8).withUnsafeBytes { try stream.send($0) }
}

private func send(_ first: String, _ second: String, on stream: ByteStream) throws {
    try Array(first.utf8).withUnsafeBytes { first in
        try Array(second.utf8).withUnsafeBytes { try stream.send(first, $0) }
    }
}

/// A flush in a task of its own on the stream's loop, whose error can be asked for.
///
/// - Soundness of `@unchecked Sendable`: used on one loop.
private final class StartedFlush: @unchecked Sendable {
    private(set) var error: StreamError?

    init(of stream: ByteStream, timeout: Duration, or other: Socket? = nil) {
        nonisolated(unsafe) let (stream, other) = (stream, other)  // stay on their loop
        stream.socket.loop.spawn { [self] in
            do throws(StreamError) {
                try await stream.flush(timeout: timeout, or: other)
            } catch { self.error = error }
        }
    }
}
