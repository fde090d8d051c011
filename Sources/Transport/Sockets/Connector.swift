import CLinux
import Clocks
import Glibc

/// Opens connections with Happy Eyeballs (RFC 8305).
///
/// Addresses of both families take turns. The next one is tried when the last has failed or has been silent for `attemptDelay`,
/// and the first that answers wins.
package enum Connector {
    /// The recommended Connection Attempt Delay (RFC 8305, section 5).
    static let attemptDelay = Duration.milliseconds(250)

    /// A connected socket, with Nagle's algorithm off.
    package struct Connection {
        package let socket: Socket
        package let address: SocketAddress
    }

    /// Resolves `host` and connects to it. Call it on the loop.
    ///
    /// - Parameter health: addresses that are left alone for a while, as in `connect(to:health:on:until:)`.
    package static func connect(
        to host: String, port: UInt16, resolver: Resolver = .system, health: AddressHealth? = nil, on loop: EventLoop,
        until deadline: MonotonicTime
    ) async throws(ConnectError) -> Connection {
        try await connect(
            to: resolver.addresses(of: host, port: port, on: loop, until: deadline), health: health, on: loop,
            until: deadline)
    }

    /// Connects to the first of `addresses` that answers, tried in their order. Call it on the loop.
    ///
    /// - Parameter health: notes failures, and skips addresses that failed. If it would skip all of them, the one
    ///   whose failure is the longest ago is tried: an attempt costs less than a refusal that may be wrong. It is not
    ///   told that the winner is good, which only the caller knows after TLS.
    package static func connect(
        to addresses: [SocketAddress], health: AddressHealth? = nil, on loop: EventLoop, until deadline: MonotonicTime
    ) async throws(ConnectError) -> Connection {
        var candidates = Candidates(addresses, health: health)
        var attempts: [Connection] = []
        defer { for attempt in attempts { attempt.socket.close() } }
        var failure = ConnectError.timedOut
        var nextAttempt = MonotonicTime(nanoseconds: 0)

        while true {
            if attempts.isEmpty || loop.now >= nextAttempt, let address = candidates.next(at: loop.now) {
                do {
                    attempts.append(Connection(socket: try begin(address, on: loop), address: address))
                } catch {
                    failure = .refused(error)
                    health?.failed(address, at: loop.now)
                }
                nextAttempt = loop.now + attemptDelay
                continue
            }
            if attempts.isEmpty { throw failure }
            let limit = candidates.isEmpty ? deadline : min(deadline, nextAttempt)
            let wake = await Socket.waitForAny(of: attempts.map(\.socket), for: .writable, until: limit)
            if wake == .timedOut, loop.now >= deadline {
                for attempt in attempts { health?.failed(attempt.address, at: loop.now) }
                throw .timedOut
            }
            for (index, attempt) in attempts.enumerated().reversed() where attempt.socket.isReady(for: .writable) {
                attempts.remove(at: index)
                guard let error = outcome(of: attempt.socket) else {
                    for other in attempts { health?.gaveUp(other.address, at: loop.now) }
                    return attempt
                }
                attempt.socket.close()
                failure = .refused(error)
                health?.failed(attempt.address, at: loop.now)
                nextAttempt = loop.now
            }
        }
    }

    /// Addresses that are still to be tried.
    private struct Candidates {
        private var untried: ArraySlice<SocketAddress>
        private var skipped: [SocketAddress] = []
        private var hasTried = false
        private let health: AddressHealth?

        init(_ addresses: [SocketAddress], health: AddressHealth?) {
            untried = addresses[...]
            self.health = health
        }

        var isEmpty: Bool { untried.isEmpty }

        /// The next address that may be tried at `now`; at last one of the others, if there was none.
        mutating func next(at now: MonotonicTime) -> SocketAddress? {
            while let address = untried.popFirst() {
                guard health?.mayTry(address, at: now) == false else {
                    hasTried = true
                    return address
                }
                skipped.append(address)
            }
            guard !hasTried else { return nil }
            hasTried = true
            return health?.leastRecentlyFailed(of: skipped)
        }
    }

    private static func begin(_ address: SocketAddress, on loop: EventLoop) throws(SystemError) -> Socket {
        let number = CLinux_streamSocket(address.systemFamily)
        guard number >= 0 else { throw SystemError("socket", errno) }
        let descriptor = OwnedDescriptor(taking: number)
        Socket.disableNagle(on: number)
        // Connect before the loop watches the socket: epoll reports a socket that is not connecting yet as hung up.
        guard address.withPointer({ Glibc.connect(number, $0, $1) }) == 0 || errno == EINPROGRESS else {
            throw SystemError("connect \(address)", errno)
        }
        return try Socket(descriptor, on: loop)
    }

    /// The error of a finished attempt; nil when it is connected.
    private static func outcome(of attempt: Socket) -> SystemError? {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(attempt.descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
        return number == 0 ? nil : SystemError("connect", number)
    }
}
