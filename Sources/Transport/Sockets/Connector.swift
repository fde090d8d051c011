import CLinux
import Clocks
import Glibc

/// Why no connection came about. Nothing was sent. Indirect, so that a task that waits keeps no room for it.
package indirect enum ConnectError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The host's name has no address: the host, and the resolver's reason.
    case unknownHost(String, String)
    /// Every address refused; the last reason.
    case refused(SystemError)
    /// No address answered before the deadline.
    case timedOut
    /// This side could not even try.
    case system(SystemError)

    package var description: String {
        switch self {
        case .unknownHost(let host, let reason): "the host \(host) cannot be resolved: \(reason)"
        case .refused(let error): error.description
        case .timedOut: "no answer in time"
        case .system(let error): error.description
        }
    }
}

/// Opens connections with Happy Eyeballs (RFC 8305): addresses of both families are tried one after the other, the next one
/// as soon as the last has failed or has been silent for a moment, and the first that answers wins.
package enum Connector {
    /// RFC 8305, section 5: the recommended Connection Attempt Delay.
    static let attemptDelay = Duration.milliseconds(250)

    /// A connected socket in `loop`, with Nagle's algorithm off. Must be called on the loop.
    package static func connect(
        to host: String, port: UInt16, on loop: EventLoop, until deadline: MonotonicTime
    ) async throws(ConnectError) -> Socket {
        try await connect(
            to: Resolver.addresses(of: host, port: port, on: loop, until: deadline), on: loop, until: deadline)
    }

    /// A connection to whichever of `addresses` answers first, tried in their order.
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
        var on: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // Before the socket is watched: one that is not connecting yet is reported as hung up.
        guard address.withPointer({ Glibc.connect(number, $0, $1) }) == 0 || errno == EINPROGRESS else {
            throw SystemError("connect \(address)", errno)
        }
        return try Socket(descriptor, on: loop)
    }

    private static func outcome(of attempt: Socket) -> SystemError? {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(attempt.descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
        return number == 0 ? nil : SystemError("connect", number)
    }
}

extension Socket {
    /// How many bytes the peer's TCP has acknowledged on this connection so far; nil where the system does not say.
    ///
    /// Also after a reset: a request of which nothing was acknowledged cannot have been seen by the peer.
    package var acknowledgedBytes: UInt64? {
        var bytes: UInt64 = 0
        return CLinux_acknowledgedBytes(descriptor, &bytes) == 0 ? bytes : nil
    }
}
