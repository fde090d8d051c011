import Clocks
import Synchronization
import Transport

/// An HTTP/1.1 server. Accepts on its first loop and deals the connections out to all loops in turn.
package final class HTTPServer: Sendable {
    private let loops: [EventLoop]
    let limits: ServerLimits
    let handler: any RequestHandler
    private let registries: [ConnectionRegistry]
    private let state = Mutex(State())

    private struct State {
        var nextLoop = 0
        var acceptors: [Acceptor] = []
    }

    /// Number of open connections.
    package let connectionCount = Atomic<Int>(0)

    /// A server that passes requests to `handler` on `loops`. It does not listen yet.
    package init(loops: [EventLoop], limits: ServerLimits, handler: any RequestHandler) {
        precondition(!loops.isEmpty, "a server needs a loop")
        self.loops = loops
        self.limits = limits
        self.handler = handler
        registries = loops.map { _ in ConnectionRegistry() }
    }

    /// Accepts connections from `listener`, under TLS where `tls` is given, until `drain` or `stop`.
    ///
    /// - Parameter failed: called once, on a loop, if the listener ends by an error of the system.
    @discardableResult
    package func serve(
        _ listener: consuming Listener, tls: TLSContext? = nil,
        failed: @escaping @Sendable (SystemError) -> Void = { _ in }
    ) -> Acceptor {
        let acceptor = Acceptor(consume listener, tls: tls)
        state.withLock { $0.acceptors.append(acceptor) }
        let loop = loops[0]
        loop.spawn { [self] in
            do throws(SystemError) {
                guard let socket = try acceptor.open(on: loop) else { return }
                defer { acceptor.socketClosed() }
                try await accept(on: socket, for: acceptor)
            } catch { failed(error) }
        }
        return acceptor
    }

    /// Takes no new connection from `acceptor`, and drains those that it has taken. Returns at once.
    package func stop(_ acceptor: Acceptor) {
        state.withLock { $0.acceptors.removeAll { $0 === acceptor } }
        // In this order: a connection that is accepted before the stop is drained after it.
        loops[0].execute { [self] in
            acceptor.stop()
            for (loop, registry) in zip(loops, registries) { loop.execute { registry.drain(of: acceptor) } }
        }
    }

    /// Takes no new connection. Those that are open may make one more request each: its response announces the close, so that
    /// no client sends into a closed connection. Returns at once.
    package func retire() {
        stopAccepting()
        for (loop, registry) in zip(loops, registries) { loop.execute { registry.retire() } }
    }

    /// Takes no new connection, closes the idle ones and lets the others finish their exchange. Returns at once.
    package func drain() {
        stopAccepting()
        for (loop, registry) in zip(loops, registries) { loop.execute { registry.drain() } }
    }

    private func stopAccepting() {
        let acceptors = state.withLock { $0.acceptors }
        for acceptor in acceptors { loops[0].execute { acceptor.stop() } }
    }

    /// Cuts all connections that are left, so that clients see incomplete responses. Returns at once.
    package func abort() {
        for (loop, registry) in zip(loops, registries) { loop.execute { registry.abort() } }
    }

    /// Accepts until the socket is interrupted. Throws the error that ended the listener.
    private func accept(on listening: Socket, for acceptor: Acceptor) async throws(SystemError) {
        defer { listening.closeShared() }
        var backoff = AcceptBackoff()
        while !acceptor.isStopped {
            // No event announces the end of a connection, or a free descriptor.
            var pause: Duration?
            if isFull {
                pause = Self.pauseWhenFull
            } else {
                switch listening.accept() {
                case .connection(let descriptor):
                    backoff.succeeded()
                    admit(descriptor, from: acceptor)
                case .none:
                    backoff.succeeded()
                    if await listening.wait(for: .readable, until: .never) == .interrupted { return }
                case .failed(let failure):
                    pause = backoff.wait(after: failure)
                    if pause == nil, case .listener(let error) = failure { throw error }
                }
            }
            guard let pause, pause > .zero else { continue }
            if await listening.wait(for: [], until: listening.loop.now + pause) == .interrupted { return }
        }
    }

    /// Time after which a full server looks again.
    private static let pauseWhenFull = Duration.milliseconds(20)

    /// True while no further connection can be told even that there are too many.
    private var isFull: Bool {
        connectionCount.load(ordering: .relaxed) - limits.refusals >= limits.connections
    }

    private func admit(_ descriptor: consuming OwnedDescriptor, from acceptor: Acceptor) {
        let isBeyondLimit = connectionCount.add(1, ordering: .relaxed).newValue > limits.connections
        let index = state.withLock { state in
            state.nextLoop = (state.nextLoop + 1) % loops.count
            return state.nextLoop
        }
        let (loop, registry) = (loops[index], registries[index])
        let number = descriptor.release()
        loop.spawn { [self] in
            defer { connectionCount.subtract(1, ordering: .relaxed) }
            guard let connection = connection(OwnedDescriptor(taking: number), on: loop, tls: acceptor.tls) else {
                return
            }
            registry.insert(connection, of: acceptor)
            await connection.serve(isBeyondLimit: isBeyondLimit)
            registry.remove(connection)
        }
    }

    @inline(never)
    private func connection(
        _ descriptor: consuming OwnedDescriptor, on loop: EventLoop, tls: TLSContext?
    ) -> ServerConnection? {
        guard let socket = try? Socket(descriptor, on: loop, assuming: .writable) else { return nil }
        let session = tls.map { TLSSession($0, descriptor: socket.descriptor, serverName: nil) }
        // Read now: the address of a client that has left is lost.
        let client = SocketAddress(ofPeer: socket.descriptor)?.host ?? ""
        return ServerConnection(ByteStream(socket, session: session), client: client, of: self)
    }
}
