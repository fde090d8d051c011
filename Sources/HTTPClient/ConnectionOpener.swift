import Clocks
import Transport

/// Opens connections to one server: name lookup, TCP, a proxy's tunnel, TLS.
final class ConnectionOpener {
    let loop: EventLoop
    private let target: ClientTarget
    private let shared: SharedClientState
    private let limits: ClientLimits
    private var retries: RetryBudget

    init(_ target: ClientTarget, shared: SharedClientState, limits: ClientLimits, on loop: EventLoop) {
        self.target = target
        self.shared = shared
        self.limits = limits
        self.loop = loop
        retries = RetryBudget(at: loop.clock.monotonic)
    }

    /// A request begins, which adds to the budget of retries.
    func requestStarted() { retries.requestStarted() }

    /// Opens a connection for `pool` in a separate task, and waits for it. If the socket of `client` is interrupted meanwhile, the
    /// pool keeps the connection, and the request ends.
    ///
    /// Opening needs deep frames, and a task keeps the memory of its deepest frame: in the request's own task a stream
    /// would hold it to its end.
    func openInTask(for client: Socket?, pool: ConnectionPool) async throws(ClientError) -> ClientConnection {
        let interrupts = client?.interrupts
        let outcome = await withUnsafeContinuation { continuation in
            let opening = Opening(opener: self, pool: pool, client: client, continuation: continuation)
            loop.spawn { await opening.run() }
        }
        let connection = try outcome.get()
        guard interrupts == client?.interrupts else {
            pool.keep(connection)
            throw .clientGone
        }
        return connection
    }

    /// Values that go from the waiting task to the opening one.
    ///
    /// - Soundness of `@unchecked Sendable`: both tasks run on the opener's loop.
    private struct Opening: @unchecked Sendable {
        let opener: ConnectionOpener
        let pool: ConnectionPool
        let client: Socket?
        let continuation: UnsafeContinuation<Result<ClientConnection, ClientError>, Never>

        func run() async {
            do throws(ClientError) {
                let stream = try await opener.openWithRetries(for: client)
                continuation.resume(returning: .success(ClientConnection(stream, pool: pool)))
            } catch {
                pool.connectionEnded()
                continuation.resume(returning: .failure(error))
            }
        }
    }

    /// Retries what failed before anything was sent, but not after a timeout, and only for a client that still waits and
    /// within the budget.
    private func openWithRetries(for client: Socket?) async throws(ClientError) -> ByteStream {
        var attempt = 0
        while true {
            do throws(ClientError) {
                return try await open()
            } catch {
                guard error.mayPass, attempt < limits.retries, let client, retries.takeRetry(at: loop.now) else {
                    throw error
                }
                let pause = RetryBudget.pause(before: attempt, jitter: .random(in: 0..<1))
                attempt += 1
                guard await client.wait(for: .broken, until: loop.now + pause) == .timedOut else { throw .clientGone }
            }
        }
    }

    private func open() async throws(ClientError) -> ByteStream {
        let deadline = loop.now + limits.connectTimeout
        let connection = try await connect(until: deadline)
        do throws(ClientError) {
            try await openTunnel(on: connection.socket, until: deadline)
            let stream = try await secure(connection.socket, until: deadline)
            shared.health.succeeded(connection.address)
            return stream
        } catch {
            connection.socket.close()
            shared.health.failed(connection.address, at: loop.now)
            throw error
        }
    }

    /// Connects to the server, or to the proxy in front of it.
    private func connect(until deadline: MonotonicTime) async throws(ClientError) -> Connector.Connection {
        let (host, port) = target.proxy.map { ($0.host, $0.port) } ?? (target.origin.host, target.origin.port)
        do throws(ConnectError) {
            return try await Connector.connect(
                to: host, port: port, resolver: shared.resolver, health: shared.health, on: loop, until: deadline)
        } catch {
            guard let proxy = target.proxy else { throw .unreachable(error) }
            throw .proxy(
                ProxyFailure(proxy: proxy.description, reason: error == .timedOut ? .timedOut : .unreachable))
        }
    }

    private func openTunnel(on socket: Socket, until deadline: MonotonicTime) async throws(ClientError) {
        guard let proxy = target.proxy else { return }
        do throws(ProxyFailure) {
            try await ProxyTunnel(proxy: proxy, origin: target.origin).open(on: ByteStream(socket), until: deadline)
        } catch { throw .proxy(error) }
    }

    /// The stream of a connection that reaches the server, after the TLS handshake where there is TLS.
    private func secure(_ socket: Socket, until deadline: MonotonicTime) async throws(ClientError) -> ByteStream {
        let session = target.context.map {
            TLSSession($0, descriptor: socket.descriptor, serverName: target.origin.host)
        }
        let stream = ByteStream(socket, session: target.origin.isSecure ? session : nil)
        do throws(StreamError) {
            try await stream.handshake(until: deadline)
        } catch {
            if case .tls(let error) = error { throw .tls(error) }
            throw .unreachable(.timedOut)
        }
        return stream
    }
}

extension ClientError {
    /// True where another attempt to connect may succeed at once: the server or the proxy refused, and may come back.
    fileprivate var mayPass: Bool {
        switch self {
        case .unreachable(let cause): cause != .timedOut
        case .proxy(let failure):
            switch failure.reason {
            case .unreachable: true
            case .refused(let status): status >= 500
            case .malformed, .timedOut: false
            }
        case .tls, .exhausted, .broken, .truncated, .malformed, .uninvitedSwitch, .timedOut, .unreadableBody,
            .clientGone:
            false
        }
    }
}
