import Clocks
import HTTP1
import Synchronization
import Transport

/// Sends requests to one server from one loop, over connections that are kept and used again, the one used last first.
package final class HTTPClient {
    private let origin: Origin
    private let context: TLSContext?
    let limits: ClientLimits
    let loop: EventLoop
    private var resting: [ClientConnection] = [] {
        didSet { gauges.resting.store(resting.count, ordering: .relaxed) }
    }
    private var waiting: [Socket] = []
    private var isClosed = false

    /// Connections that are open or being opened.
    package private(set) var connectionCount = 0 {
        didSet { gauges.open.store(connectionCount, ordering: .relaxed) }
    }
    /// How many requests were sent a second time, because a kept connection turned out to be closed.
    package private(set) var repeatedRequests = 0

    /// Connections that are open and unused.
    package var restingCount: Int { resting.count }

    /// How many connections there are, for who looks from another thread.
    package final class PoolGauges: Sendable {
        /// Open or being opened.
        package let open = Atomic<Int>(0)
        /// Those of them that are unused.
        package let resting = Atomic<Int>(0)
    }

    /// The client's present levels.
    package let gauges = PoolGauges()

    /// A client of `origin` on `loop`. `context` verifies the server where the origin is secure.
    package init(_ origin: Origin, context: TLSContext?, limits: ClientLimits, on loop: EventLoop) {
        precondition(!origin.isSecure || context != nil, "a secure origin needs a TLS context")
        self.origin = origin
        self.context = context
        self.limits = limits
        self.loop = loop
    }

    /// Sends `request` and waits for the head of its answer.
    ///
    /// It is sent once more, on a new connection, where a kept connection was closed before any answer and sending it twice
    /// can do no harm: its method is idempotent, or the server never acknowledged a byte of it.
    package func send(_ request: ClientRequest) async throws(ClientError) -> ClientExchange {
        var mayUseResting = true
        while true {
            let connection = try await connection(for: request.caller, resting: mayUseResting)
            do throws(ClientError) {
                try await connection.exchange(request)
                return ClientExchange(on: connection, of: self)
            } catch {
                let mayRepeat =
                    connection.wasUsed && connection.isUnanswered && error.isClosure
                    && (request.isIdempotent || connection.requestWasNotTaken)
                discard(connection)
                guard mayRepeat, mayUseResting else { throw error }
                request.wasSent = false
                mayUseResting = false
                repeatedRequests += 1
            }
        }
    }

    /// Closes the connections that are not in use; the others are closed when their exchanges end.
    package func close() {
        isClosed = true
        for connection in resting {
            _ = connection.wake()
            discard(connection, isResting: false)
        }
        resting = []
    }

    // MARK: The pool

    private func connection(for caller: Socket?, resting mayRest: Bool) async throws(ClientError) -> ClientConnection {
        let deadline = MonotonicTime.now + limits.connectTimeout
        while true {
            if mayRest, let connection = takeResting() { return connection }
            if connectionCount < limits.connections { return try await connectBeside(for: caller) }
            try await waitForFreeConnection(caller, until: deadline)
        }
    }

    /// The connection that was used last, of those that are still open.
    @inline(never)
    private func takeResting() -> ClientConnection? {
        while let connection = resting.popLast() {
            if connection.wake() { return connection }
            discard(connection, isResting: false)
        }
        return nil
    }

    /// Waits at the caller's own socket: whoever gives a connection back interrupts the wait of who is first in the queue.
    private func waitForFreeConnection(_ caller: Socket?, until deadline: MonotonicTime) async throws(ClientError) {
        guard let caller else { throw .exhausted }
        waiting.append(caller)
        let wake = await caller.wait(for: .broken, until: deadline)
        waiting.removeAll { $0 === caller }
        switch wake {
        case .interrupted: return
        case .ready: throw .clientGone
        case .timedOut: throw .exhausted
        }
    }

    private func connect(for caller: Socket?) async throws(ClientError) -> ClientConnection {
        connectionCount += 1
        var attempt = 0
        while true {
            do throws(ClientError) {
                return try await open()
            } catch {
                attempt += 1
                guard case .unreachable(let cause) = error, cause != .timedOut, attempt <= limits.retries, let caller
                else {
                    connectionEnded()
                    throw error
                }
                if await caller.wait(for: .broken, until: .now + .milliseconds(100 << attempt)) != .timedOut {
                    connectionEnded()
                    throw .clientGone
                }
            }
        }
    }

    /// Connects in a task of its own. The way there is deep, and the memory of a task is as large as its deepest moment, for as
    /// long as it lives: a stream would hold it to its end.
    private func connectBeside(for caller: Socket?) async throws(ClientError) -> ClientConnection {
        let outcome = await withUnsafeContinuation { continuation in
            let opening = Opening(client: self, caller: caller, continuation: continuation)
            loop.spawn { await opening.run() }
        }
        return try outcome.get()
    }

    /// - Soundness of `@unchecked Sendable`: both tasks run on the client's loop.
    private struct Opening: @unchecked Sendable {
        let client: HTTPClient
        let caller: Socket?
        let continuation: UnsafeContinuation<Result<ClientConnection, ClientError>, Never>

        func run() async {
            do throws(ClientError) {
                continuation.resume(returning: .success(try await client.connect(for: caller)))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }

    private func open() async throws(ClientError) -> ClientConnection {
        let deadline = MonotonicTime.now + limits.connectTimeout
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
        return ClientConnection(stream, pool: self)
    }

    /// An exchange is over: its connection is kept where that is possible.
    func takeBack(_ connection: ClientConnection) {
        guard connection.isReusable, !isClosed else { return discard(connection, isResting: false) }
        connection.rest(until: loop.now + limits.keepAlive)
        resting.append(connection)
        wakeNext()
    }

    func discard(_ connection: ClientConnection, isResting: Bool = true) {
        if isResting { resting.removeAll { $0 === connection } }
        connection.stream.close()
        connectionEnded()
    }

    /// The connection is no longer the client's.
    func giveAway(_ connection: ClientConnection) { connectionEnded() }

    private func connectionEnded() {
        connectionCount -= 1
        wakeNext()
    }

    private func wakeNext() {
        guard !waiting.isEmpty else { return }
        waiting.removeFirst().interrupt()
    }
}

extension ClientError {
    /// Whether the server simply closed the connection.
    fileprivate var isClosure: Bool {
        switch self {
        case .truncated, .broken: true
        case .unreachable, .tls, .exhausted, .malformed, .timedOut, .unreadableBody, .clientGone: false
        }
    }
}
