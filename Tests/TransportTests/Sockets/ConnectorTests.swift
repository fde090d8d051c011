import CLinux
import Clocks
import Glibc
import Loopback
import ManualTime
import Testing

@testable import Transport

/// On a clock that stands still, so that a connection which needs no wait proves that it needs none.
@Suite struct ConnectorTests {
    @Test func aConnectionIsReadyForUse() async throws {
        try await onSteppedLoop { loop, _ in
            let target = try Target(on: loop)
            defer { target.close() }
            let socket = try await Connector.connect(to: [target.address], on: loop, until: loop.now + .seconds(5))
                .socket
            defer { socket.close() }
            #expect(socket.isReady(for: .writable))
            #expect(peer(of: socket) == target.address)
            #expect(SocketAddress(of: socket.descriptor) != nil)
        }
    }

    @Test func afterARefusalTheNextAddressIsTriedAtOnce() async throws {
        try await onSteppedLoop { loop, _ in
            let target = try Target(on: loop)
            defer { target.close() }
            let addresses = [try closedPort(), try closedPort(), target.address]
            let socket = try await Connector.connect(to: addresses, on: loop, until: loop.now + .seconds(5)).socket
            #expect(peer(of: socket) == target.address)
            socket.close()
        }
    }

    @Test func aSilentAddressIsOvertakenAfterTheAttemptDelay() async throws {
        try await onSteppedLoop { loop, clock in
            let silent = try SilentTarget()
            let target = try Target(on: loop)
            defer { silent.close(); target.close() }
            let addresses = [silent.address, target.address]
            let connected = Tally()
            let deadline = loop.now + .seconds(10)
            let connecting = Task(executorPreference: loop) {
                let socket = try await Connector.connect(to: addresses, on: loop, until: deadline).socket
                defer { socket.close() }
                connected.add()
                return peer(of: socket)
            }
            await loop.settle()
            clock.advance(by: Connector.attemptDelay - .nanoseconds(1))
            await loop.settle()
            #expect(connected.count == 0)
            clock.advance(by: .nanoseconds(1))
            #expect(try await connecting.value == target.address)
        }
    }

    @Test func silenceOfAllAddressesEndsAtTheDeadline() async throws {
        try await onSteppedLoop { loop, clock in
            let silent = try SilentTarget()
            defer { silent.close() }
            let failed = Tally()
            let deadline = loop.now + .seconds(3600)
            let connecting = Task(executorPreference: loop) {
                await #expect(throws: ConnectError.timedOut) {
                    try await Connector.connect(to: [silent.address, silent.address], on: loop, until: deadline).socket
                        .close()
                }
                failed.add()
            }
            await loop.settle()
            clock.advance(by: .seconds(3600) - .nanoseconds(1))
            await loop.settle()
            #expect(failed.count == 0)
            clock.advance(by: .nanoseconds(1))
            await connecting.value
            #expect(failed.count == 1)
        }
    }

    @Test func theLastRefusalIsReported() async throws {
        try await onSteppedLoop { loop, _ in
            let addresses = [try closedPort(), try closedPort()]
            await #expect(throws: ConnectError.refused(SystemError("connect", ECONNREFUSED))) {
                try await Connector.connect(to: addresses, on: loop, until: loop.now + .seconds(5)).socket.close()
            }
        }
    }

    @Test func anAddressThatCannotBeTriedIsARefusal() async throws {
        try await onSteppedLoop { loop, _ in
            // Broadcast is no target for TCP.
            let address = SocketAddress("255.255.255.255", port: 9)!
            await #expect(throws: ConnectError.self) {
                try await Connector.connect(to: [address], on: loop, until: loop.now + .seconds(5)).socket.close()
            }
        }
    }

    // MARK: Health

    @Test func anAddressThatFailedIsSkippedAndProbedOnce() async throws {
        try await onSteppedLoop { loop, clock in
            let target = try Target(on: loop)
            defer { target.close() }
            let closed = try closedPort()
            let health = AddressHealth()
            for _ in 0..<3 {
                #expect(try await connect(to: [closed, target.address], health, on: loop) == target.address)
            }
            guard case .open? = health.failing.first?.breaker else {
                Issue.record("three refusals open the breaker")
                return
            }
            // Not tried while it is open: nothing changes. Tried once after the pause, which fails.
            let before = health.failing.first?.breaker
            #expect(try await connect(to: [closed, target.address], health, on: loop) == target.address)
            #expect(health.failing.first?.breaker == before)
            clock.advance(by: .seconds(2))
            await loop.settle()
            #expect(try await connect(to: [closed, target.address], health, on: loop) == target.address)
            #expect(health.failing.first?.breaker != before)
        }
    }

    @Test func whereAllAddressesFailedOneIsTriedNevertheless() async throws {
        try await onSteppedLoop { loop, _ in
            let target = try Target(on: loop)
            defer { target.close() }
            let health = AddressHealth()
            let other = try closedPort()
            for _ in 0..<3 { health.failed(target.address, at: loop.now) }
            for _ in 0..<3 { health.failed(other, at: loop.now + .milliseconds(1)) }
            #expect(try await connect(to: [other, target.address], health, on: loop) == target.address)
        }
    }

    @Test func aProbeThatAnotherAddressOvertookCanBeRepeated() async throws {
        try await onSteppedLoop { loop, clock in
            let silent = try SilentTarget()
            let target = try Target(on: loop)
            defer { silent.close(); target.close() }
            let health = AddressHealth()
            for _ in 0..<3 { health.failed(silent.address, at: loop.now) }
            clock.advance(by: .seconds(2))
            await loop.settle()
            let addresses = [silent.address, target.address]
            let connecting = Task(executorPreference: loop) { try await connect(to: addresses, health, on: loop) }
            await loop.settle()
            clock.advance(by: Connector.attemptDelay)
            #expect(try await connecting.value == target.address)
            #expect(health.mayTry(silent.address, at: loop.now))
        }
    }

    @Test func silenceUntilTheDeadlineIsAFailure() async throws {
        try await onSteppedLoop { loop, clock in
            let silent = try SilentTarget()
            defer { silent.close() }
            let health = AddressHealth()
            let connecting = Task(executorPreference: loop) {
                _ = try? await connect(to: [silent.address], health, on: loop)
            }
            await loop.settle()
            clock.advance(by: .seconds(5))
            await connecting.value
            #expect(health.failing.map(\.address) == [silent.address])
        }
    }

    @Test func noAddressMeansNoAnswer() async throws {
        try await onSteppedLoop { loop, _ in
            await #expect(throws: ConnectError.timedOut) {
                try await Connector.connect(to: [], on: loop, until: loop.now + .seconds(5)).socket.close()
            }
        }
    }

    @Test func hostNamesAreResolvedAndConnectedTo() async throws {
        try await onLoop { loop in
            let target = try Target(on: loop)
            defer { target.close() }
            // `localhost` may be ::1 first, where nothing listens.
            let socket = try await Connector.connect(
                to: "localhost", port: target.address.port, on: loop, until: loop.now + .seconds(30)
            ).socket
            #expect(peer(of: socket)?.port == target.address.port)
            socket.close()
        }
    }
}

/// Connects within five seconds, closes, and returns the address that won.
private func connect(
    to addresses: [SocketAddress], _ health: AddressHealth, on loop: EventLoop
) async throws -> SocketAddress {
    let connection = try await Connector.connect(
        to: addresses, health: health, on: loop, until: loop.now + .seconds(5))
    connection.socket.close()
    return connection.address
}

/// A listener that accepts nothing: the kernel completes connections to it.
private struct Target {
    let address: SocketAddress
    private let listening: Socket

    init(on loop: EventLoop) throws {
        let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
        address = listener.address
        listening = try listener.open(on: loop)
    }

    func close() { listening.close() }
}

/// A listener whose queue is full. The kernel ignores further connections, which is silence on loopback.
private struct SilentTarget: Sendable {
    let address: SocketAddress
    private let descriptors: [Int32]

    init() throws {
        let listening = CLinux_streamSocket(AF_INET)
        let any = SocketAddress("127.0.0.2", port: 0)!
        guard any.withPointer({ bind(listening, $0, $1) }) == 0, listen(listening, 0) == 0,
            let address = SocketAddress(of: listening)
        else { throw SystemError("listen", errno) }
        let fillers = (0..<8).map { _ in
            let filler = CLinux_streamSocket(AF_INET)
            _ = address.withPointer { connect(filler, $0, $1) }
            return filler
        }
        self.address = address
        descriptors = [listening] + fillers
    }

    func close() { for descriptor in descriptors { Glibc.close(descriptor) } }
}

private func closedPort() throws -> SocketAddress {
    let listener = try Listener(SocketAddress("127.0.0.1", port: 0)!)
    return listener.address
}

private func peer(of socket: Socket) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            getpeername(socket.descriptor, $0, &length) == 0 ? SocketAddress($0) : nil
        }
    }
}
