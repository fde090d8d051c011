import Clocks
import Loopback
import Testing
import Transport

@Suite struct ByteStreamFairnessTests {
    @Test func twoPeersThatAreAlwaysReadyLeaveTheLoopToOthers() async throws {
        try await withBusyStream { stream, receive in
            let others = Turns()
            stream.socket.loop.spawn { while !others.areOver { others.count += 1; await Task.yield() } }
            defer { others.areOver = true }
            for _ in 0..<64 {
                let received = try await receive()
                #expect(received == .bytes(EventLoop.readBufferSize))
            }
            #expect(others.count >= 15, "of 4 MiB, a turn at each 256 KiB")
        }
    }

    @Test func anInterruptDuringAYieldIsReported() async throws {
        try await withBusyStream { stream, receive in
            // The first one waits, until the loop has seen the bytes.
            _ = try await receive()
            // The interrupt has its turn when the stream yields, and not before.
            nonisolated(unsafe) let socket = stream.socket
            stream.socket.loop.spawn { socket.interrupt() }
            var results: [ByteStream.Received] = []
            for _ in 0..<8 { results.append(try await receive()) }
            #expect(results.filter { $0 == .interrupted }.count == 1)
            #expect(results.first != .interrupted)
        }
    }

    @Test func anInterruptOfTheWatchedSocketDuringAYieldIsReported() async throws {
        try await withBusyStream { stream, _ in
            let (left, watched) = try socketPair(on: stream.socket.loop)
            defer { left.close(); watched.close() }
            nonisolated(unsafe) let socket = watched
            stream.socket.loop.spawn { socket.interrupt() }
            #expect(await stream.yield(or: watched) == .interrupted)
            #expect(await stream.yield(or: watched) == .ready)
        }
    }

    @Test func sentBytesCountForTheQuantumToo() async throws {
        try await withBusyStream { stream, _ in
            let block = [UInt8](repeating: 7, count: 128 << 10)
            #expect(!stream.exceededQuantum)
            try block.withUnsafeBytes { try stream.send($0) }
            #expect(!stream.exceededQuantum)
            try block.withUnsafeBytes { try stream.send($0) }
            #expect(stream.exceededQuantum)
            _ = await stream.yield()
            #expect(!stream.exceededQuantum)
        }
    }
}

/// Runs `body` with a stream that is always readable: each receive of the closure writes as much to the other end again.
private func withBusyStream(
    _ body: @escaping @Sendable (ByteStream, () async throws -> ByteStream.Received) async throws -> Void
) async throws {
    let loop = try EventLoop(name: "fairness")
    try await Task(executorPreference: loop) {
        let (left, right) = try socketPair(on: loop, sendBuffer: 1 << 20)
        let stream = ByteStream(right)
        defer { left.close(); stream.close() }
        let block = [UInt8](repeating: 7, count: EventLoop.readBufferSize)
        func write() { _ = block.withUnsafeBytes { left.write($0) } }
        for _ in 0..<3 { write() }
        try await body(stream) {
            let received = try await stream.receive(until: .never)
            if case .bytes = received { write() }
            return received
        }
    }.value
}

/// - Soundness of `@unchecked Sendable`: used on one loop.
private final class Turns: @unchecked Sendable {
    var count = 0
    var areOver = false
}
