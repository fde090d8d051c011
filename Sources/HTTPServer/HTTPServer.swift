import Clocks
import HTTP1
import Synchronization
import Transport

/// What a server allows. All of it bounds what a caller can make the process hold.
package struct ServerLimits: Sendable {
    /// Bytes of a request's head.
    package var headerBytes = 32 * 1024
    /// Connections at one time; one more is answered with the handler's refusal of `ServerFault.full`.
    package var connections = 8192
    /// From a head's first byte to its last; and from a connection's beginning to its first byte.
    package var headerTimeout = Duration.seconds(10)
    /// Without progress in reading a body or in sending an answer.
    package var bodyTimeout = Duration.seconds(60)
    /// Of silence between two requests.
    package var idleTimeout = Duration.seconds(75)

    /// The defaults of `INTERFACE.md`.
    package init() {}
}

/// What a server itself has to refuse, before there is a request for the handler.
package enum ServerFault: Sendable {
    /// The bytes are no HTTP/1.1 that this server understands.
    case malformed(HTTP1Error)
    /// The head did not come in time.
    case headTimeout
    /// There are `ServerLimits.connections` already.
    case full
}

/// An answer made by the server's own side, whole.
package struct ServerResponse: Sendable {
    /// The HTTP status.
    package var status: Int
    /// The fields beside those of the framing, as `content-type`.
    package var fields: [(name: StaticString, value: String)]
    /// The whole body.
    package var body: [UInt8]

    /// An answer with `body`; the framing's fields are added when it is sent.
    package init(status: Int, fields: [(name: StaticString, value: String)], body: [UInt8]) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}

/// Who answers requests. Called on the connection's loop.
package protocol RequestHandler: Sendable {
    /// Answers `exchange`. An exchange that is left unanswered, or answered in part, costs the caller the connection.
    func respond(to exchange: ServerExchange) async

    /// What a caller is told of a fault for which there is no exchange.
    func answer(to fault: ServerFault) -> ServerResponse
}

/// An HTTP/1.1 server: accepts on one loop, deals the connections out to all loops in turn.
package final class HTTPServer: Sendable {
    private let loops: [EventLoop]
    let limits: ServerLimits
    let handler: any RequestHandler
    private let parts: [ConnectionRegistry]
    private let state = Mutex(State())

    private struct State {
        var nextLoop = 0
        var listeners: [Acceptor] = []
        var isDraining = false
    }

    /// How many connections are open.
    package let connectionCount = Atomic<Int>(0)

    /// A server that serves `handler` on `loops`. It listens nowhere yet.
    package init(loops: [EventLoop], limits: ServerLimits, handler: any RequestHandler) {
        precondition(!loops.isEmpty, "a server needs a loop")
        self.loops = loops
        self.limits = limits
        self.handler = handler
        parts = loops.map { _ in ConnectionRegistry() }
    }

    /// Accepts connections from `listener`, under TLS where `tls` is given, until `drain`.
    package func serve(_ listener: consuming Listener, tls: TLSContext? = nil) {
        let acceptor = Acceptor(consume listener, tls: tls)
        state.withLock { $0.listeners.append(acceptor) }
        let loop = loops[0]
        loop.spawn { [self] in
            guard let socket = acceptor.open(on: loop) else { return }
            defer { acceptor.closed() }
            await accept(on: socket, tls: tls)
        }
    }

    /// Takes no new connection, closes the idle ones, lets the others finish what they are at. Returns at once.
    package func drain() {
        let listeners = state.withLock { state in
            state.isDraining = true
            return state.listeners
        }
        for listener in listeners { loops[0].execute { listener.stop() } }
        for (loop, part) in zip(loops, parts) { loop.execute { part.drain() } }
    }

    /// Cuts all connections that are left, such that callers see their answers unfinished.
    package func abort() {
        for (loop, part) in zip(loops, parts) { loop.execute { part.abort() } }
    }

    private func accept(on listening: Socket, tls: TLSContext?) async {
        defer { listening.close() }
        while true {
            switch listening.accept() {
            case .connection(let descriptor): admit(descriptor, tls: tls)
            case .none:
                if await listening.wait(for: .readable, until: .never) == .interrupted { return }
            case .exhausted:
                // Out of descriptors: existing connections must end first, and nothing announces that.
                if await listening.wait(for: .broken, until: .now + .milliseconds(100)) == .interrupted { return }
            }
        }
    }

    private func admit(_ descriptor: consuming OwnedDescriptor, tls: TLSContext?) {
        let isFull = connectionCount.add(1, ordering: .relaxed).newValue > limits.connections
        let index = state.withLock { state in
            state.nextLoop = (state.nextLoop + 1) % loops.count
            return state.nextLoop
        }
        let (loop, part) = (loops[index], parts[index])
        let number = descriptor.release()
        loop.spawn { [self] in
            defer { connectionCount.subtract(1, ordering: .relaxed) }
            guard let connection = connection(OwnedDescriptor(taking: number), on: loop, tls: tls) else { return }
            part.begin(connection)
            await connection.serve(isFull: isFull)
            part.end(connection)
        }
    }

    @inline(never)
    private func connection(
        _ descriptor: consuming OwnedDescriptor, on loop: EventLoop, tls: TLSContext?
    ) -> ServerConnection? {
        guard let socket = try? Socket(descriptor, on: loop, assuming: .writable) else { return nil }
        let session = tls.map { TLSSession($0, descriptor: socket.descriptor, serverName: nil) }
        return ServerConnection(ByteStream(socket, session: session), of: self)
    }
}

/// A listener and the socket that it became, which can be told to stop.
///
/// - Soundness of `@unchecked Sendable`: `listener` is taken and `socket` touched on the accepting loop alone.
private final class Acceptor: @unchecked Sendable {
    private var listener: Listener?
    private var socket: Socket?

    init(_ listener: consuming Listener, tls: TLSContext?) { self.listener = consume listener }

    func open(on loop: EventLoop) -> Socket? {
        guard let listener = listener.take() else { return nil }
        socket = try? listener.open(on: loop)
        return socket
    }

    func stop() {
        listener = nil
        socket?.interrupt()
    }

    func closed() { socket = nil }
}

/// The connections of one loop.
///
/// - Soundness of `@unchecked Sendable`: touched on its loop alone.
private final class ConnectionRegistry: @unchecked Sendable {
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var isDraining = false

    func begin(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = connection
        if isDraining { connection.drain() }
    }

    func end(_ connection: ServerConnection) { connections[ObjectIdentifier(connection)] = nil }

    func drain() {
        isDraining = true
        for connection in connections.values { connection.drain() }
    }

    func abort() {
        for connection in connections.values { connection.abort() }
    }
}
