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

    /// Resolves `host` and connects to it. Call it on the loop.
    ///
    /// - Returns: a connected socket in `loop`, with Nagle's algorithm off.
    package static func connect(
        to host: String, port: UInt16, on loop: EventLoop, until deadline: MonotonicTime
    ) async throws(ConnectError) -> Socket {
        try await connect(
            to: Resolver.addresses(of: host, port: port, on: loop, until: deadline), on: loop, until: deadline)
    }

    /// Connects to the first of `addresses` that answers, tried in their order. Call it on the loop.
    package static func connect(
        to addresses: [SocketAddress], on loop: EventLoop, until deadline: MonotonicTime
    ) async throws(ConnectError) -> Socket {
        var untried = addresses[...]
        var attempts: [Socket] = []
        defer { for attempt in attempts { attempt.close() } }
        var failure = ConnectError.timedOut
        var nextAttempt = MonotonicTime(nanoseconds: 0)

        while true {
            if let address = untried.first, attempts.isEmpty || loop.now >= nextAttempt {
                untried.removeFirst()
                do { attempts.append(try begin(address, on: loop)) } catch { failure = .refused(error) }
                nextAttempt = loop.now + attemptDelay
                continue
            }
            if attempts.isEmpty { throw failure }
            let limit = untried.isEmpty ? deadline : min(deadline, nextAttempt)
            let wake = await Socket.waitForAny(of: attempts, for: .writable, until: limit)
            if wake == .timedOut, loop.now >= deadline { throw .timedOut }
            for (index, attempt) in attempts.enumerated().reversed() where attempt.isReady(for: .writable) {
                attempts.remove(at: index)
                guard let error = outcome(of: attempt) else { return attempt }
                attempt.close()
                failure = .refused(error)
                nextAttempt = loop.now
            }
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
