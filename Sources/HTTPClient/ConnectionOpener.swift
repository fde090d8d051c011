import Clocks
import Transport

/// Opens connections to one server: name lookup, TCP, TLS.
final class ConnectionOpener {
    let loop: EventLoop
    private let origin: Origin
    private let context: TLSContext?
    private let limits: ClientLimits

    init(_ origin: Origin, context: TLSContext?, limits: ClientLimits, on loop: EventLoop) {
        self.origin = origin
        self.context = context
        self.limits = limits
        self.loop = loop
    }

    /// Opens a connection for `pool` in a separate task, and waits for it.
    ///
    /// Opening needs deep frames, and a task keeps the memory of its deepest frame: in the request's own task a stream
    /// would hold it to its end.
    func openInTask(for client: Socket?, pool: ConnectionPool) async throws(ClientError) -> ClientConnection {
        let outcome = await withUnsafeContinuation { continuation in
            let opening = Opening(opener: self, pool: pool, client: client, continuation: continuation)
            loop.spawn { await opening.run() }
        }
        return try outcome.get()
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

    /// First pause between two attempts, which doubles with each.
    private static let retryPause = Duration.milliseconds(200)

    /// Retries what failed before anything was sent, but not after a timeout, and only for a client that still waits.
    private func openWithRetries(for client: Socket?) async throws(ClientError) -> ByteStream {
        var attempt = 0
        while true {
            do throws(ClientError) {
                return try await open()
            } catch {
                guard case .unreachable(let cause) = error, cause != .timedOut, attempt < limits.retries, let client
                else { throw error }
                let pause = Self.retryPause * (1 << min(attempt, 16))
                attempt += 1
                guard await client.wait(for: .broken, until: loop.now + pause) == .timedOut else { throw .clientGone }
            }
        }
    }

    private func open() async throws(ClientError) -> ByteStream {
        let deadline = loop.now + limits.connectTimeout
        let socket: Socket
        do throws(ConnectError) {
            socket = try await Connector.connect(to: origin.host, port: origin.port, on: loop, until: deadline)
        } catch { throw .unreachable(error) }
        let session = context.map { TLSSession($0, descriptor: socket.descriptor, serverName: origin.host) }
        let stream = ByteStream(socket, session: origin.isSecure ? session : nil)
        do throws(StreamError) {
            try await stream.handshake(until: deadline)
        } catch {
            stream.close()
            if case .tls(let error) = error { throw .tls(error) }
            throw .unreachable(.timedOut)
        }
        return stream
    }
}
