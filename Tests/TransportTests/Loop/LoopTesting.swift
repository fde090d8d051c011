import CLinux
import Clocks
import Glibc
import ManualTime
import Synchronization

@testable import Transport

/// Runs `body` as a task on a loop of its own and returns what it returns.
@discardableResult
func onLoop<Value: Sendable>(_ body: @escaping @Sendable (EventLoop) async throws -> Value) async throws -> Value {
    let loop = try EventLoop(name: "test")
    return try await onLoop(loop) { try await body(loop) }
}

/// Runs `body` as a task on a loop whose clock only the test moves, and returns what it returns.
@discardableResult
func onSteppedLoop<Value: Sendable>(_ body: @escaping @Sendable (EventLoop, ManualTime) async throws -> Value)
    async throws -> Value
{
    let clock = ManualTime()
    let loop = try EventLoop(name: "stepped", clock: clock)
    return try await onLoop(loop) { try await body(loop, clock) }
}

/// Runs `body` as a task on `loop`.
@discardableResult
func onLoop<Value: Sendable>(_ loop: EventLoop, _ body: @escaping @Sendable () async throws -> Value) async throws
    -> Value
{
    try await Task(executorPreference: loop) { try await body() }.value
}

/// Two sockets connected over loopback TCP, the accepted one second.
func tcpPair(on loop: EventLoop) async throws -> (Socket, Socket) {
    let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
    let address = listener.address
    let listening = try listener.open(on: loop)
    defer { listening.close() }
    let client = try await Connector.connect(to: [address], on: loop, until: loop.now + .seconds(5)).socket
    _ = await listening.wait(for: .readable, until: loop.now + .seconds(5))
    guard case .connection(let descriptor) = listening.accept() else { throw SystemError("accept", EAGAIN) }
    return (client, try Socket(descriptor, on: loop, assuming: .writable))
}

extension Socket {
    func writeText(_ text: String) -> Transferred { Array(text.utf8).withUnsafeBytes { write($0) } }

    func readText() -> String? {
        guard case .bytes(let count) = read(into: loop.readBuffer) else { return nil }
        return String(decoding: loop.readBuffer[..<count], as: UTF8.self)
    }
}

/// Counts from anywhere.
final class Tally: Sendable {
    private let value = Atomic<Int>(0)
    func add() { value.add(1, ordering: .relaxed) }
    var count: Int { value.load(ordering: .relaxed) }
}
