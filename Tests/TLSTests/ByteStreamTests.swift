import EventLoop
import Glibc
import Testing

@testable import TLS

@Suite struct ByteStreamTests {
    /// Always readable, since whoever reads writes as much to the other end at once: it would never wait of itself.
    @Test func twoPeersThatAreAlwaysReadyLetOthersHaveTheLoop() async throws {
        let loop = try EventLoop(name: "fairness")
        try await Task(executorPreference: loop) {
            let (left, right) = try socketPair(on: loop)
            let (source, sink) = (ByteStream(left), ByteStream(right))
            defer { source.close(); sink.close() }
            let block = [UInt8](repeating: 7, count: EventLoop.readBufferSize)
            func write() { _ = block.withUnsafeBytes { left.write($0) } }
            for _ in 0..<3 { write() }

            let others = Turns()
            loop.spawn { while !others.areOver { others.count += 1; await Task.yield() } }
            defer { others.areOver = true }
            for _ in 0..<64 {
                #expect(try await sink.receive(until: .now + .seconds(5)) == .bytes(block.count))
                write()
            }
            #expect(others.count >= 15, "of 4 MiB, a turn at each 256 KiB")
        }.value
    }
}

/// - Soundness of `@unchecked Sendable`: used on one loop.
private final class Turns: @unchecked Sendable {
    var count = 0
    var areOver = false
}

private func socketPair(on loop: EventLoop) throws -> (Socket, Socket) {
    var numbers: [Int32] = [0, 0]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &numbers)
    var size: Int32 = 1 << 20
    setsockopt(numbers[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    return (
        try Socket(OwnedDescriptor(taking: numbers[0]), on: loop),
        try Socket(OwnedDescriptor(taking: numbers[1]), on: loop)
    )
}
