import Clocks
import Loopback
import Testing
import Transport

@Suite struct ByteStreamTests {
    @Test func twoPeersThatAreAlwaysReadyLetOthersHaveTheLoop() async throws {
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

    @Test func anInterruptIsHeardByWhoGaveWay() async throws {
        try await withBusyStream { stream, receive in
            // The first one waits, until the loop has told that there is something.
            _ = try await receive()
            // It comes to its turn when the stream gives way, and not before.
            nonisolated(unsafe) let socket = stream.socket
            stream.socket.loop.spawn { socket.interrupt() }
            var results: [ByteStream.Received] = []
            for _ in 0..<8 { results.append(try await receive()) }
            #expect(results.filter { $0 == .interrupted }.count == 1)
            #expect(results.first != .interrupted)
        }
    }
}

/// Runs `body` with a stream that is always readable, since whoever reads writes as much to its other end at once: it would never
/// wait of itself.
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
            let received = try await stream.receive(until: .now + .seconds(5))
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
