import Clocks
import Synchronization
import Transport

/// Connections of one client: idle ones, a bound on their number, and the queue of those who wait for one.
///
/// A connection that becomes free belongs to the first waiter, who holds a grant until it resumes. So a later request
/// cannot overtake it, and a waiter that has left meanwhile passes the grant on.
final class ConnectionPool {
    let limits: ClientLimits
    let gauges = PoolGauges()
    private let opener: ConnectionOpener
    private var idle: [ClientConnection] = [] {
        didSet { gauges.idle.store(idle.count, ordering: .relaxed) }
    }
    /// Connections that are idle, in use or being opened.
    private var openCount = 0 {
        didSet { gauges.open.store(openCount, ordering: .relaxed) }
    }
    private var waiters: [Waiter] = []
    /// Waiters that were resumed for a free connection and have not run yet.
    private var grants = 0
    private var isClosed = false

    /// A task in the queue. It waits at its client's socket.
    private final class Waiter {
        let socket: Socket
        var hasGrant = false

        init(_ socket: Socket) { self.socket = socket }
    }

    init(_ opener: ConnectionOpener, limits: ClientLimits) {
        self.opener = opener
        self.limits = limits
    }

    // MARK: Getting a connection

    /// Returns the connection that was idle last, or else opens one, or else waits for a free one.
    ///
    /// - Parameters:
    ///   - client: socket of the client that the request is for. Without one the task does not wait.
    ///   - mayReuse: false for a new connection.
    func connection(for client: Socket?, mayReuse: Bool) async throws(ClientError) -> ClientConnection {
        let deadline = opener.loop.now + limits.connectTimeout
        while true {
            if hasFree {
                if mayReuse, let connection = wakeIdle() { return connection }
                if reserveOpening() { return try await opener.openInTask(for: client, pool: self) }
            }
            try await waitForFree(client, until: deadline)
        }
    }

    /// True where a connection is idle, or may be opened, that no waiter was granted.
    private var hasFree: Bool { idle.count + max(0, limits.connections - openCount) > grants }

    /// Returns the connection that was idle last, of those that are still open.
    @inline(never)
    private func wakeIdle() -> ClientConnection? {
        while let connection = idle.popLast() {
            if connection.wake() { return connection }
            // The place that this one leaves is the caller's: no waiter may be granted it.
            connection.stream.close()
            openCount -= 1
        }
        return nil
    }

    /// Counts a connection that is about to be opened. At the limit it takes the place of the one that has been idle
    /// longest.
    ///
    /// - Returns: false where all connections are in use.
    @inline(never)
    private func reserveOpening() -> Bool {
        if openCount >= limits.connections {
            guard let oldest = idle.first else { return false }
            idle.removeFirst()
            _ = oldest.wake()
            oldest.stream.close()
            openCount -= 1
        }
        openCount += 1
        return true
    }

    private func waitForFree(_ client: Socket?, until deadline: MonotonicTime) async throws(ClientError) {
        guard let client else { throw .exhausted }
        let waiter = Waiter(client)
        waiters.append(waiter)
        try resumed(waiter, await client.wait(for: .broken, until: deadline))
    }

    /// Returns where `waiter` may take a connection before the next `await`.
    @inline(never)
    private func resumed(_ waiter: Waiter, _ wake: Wake) throws(ClientError) {
        if waiter.hasGrant {
            grants -= 1
            if wake != .ready { return }
            grantNext()
        } else {
            waiters.removeAll { $0 === waiter }
        }
        throw wake == .timedOut ? .exhausted : .clientGone
    }

    // MARK: Giving a connection back

    /// Keeps the connection of an exchange that has ended, where that is possible, or else closes it.
    func takeBack(_ connection: ClientConnection) {
        guard connection.endExchange(), !isClosed else { return close(connection) }
        idle.append(connection)
        connection.beginIdle()
        grantNext()
    }

    /// Closes a connection that is in use, or idle.
    func discard(_ connection: ClientConnection) {
        idle.removeAll { $0 === connection }
        close(connection)
    }

    /// Closes all idle connections, and each other one when its exchange ends.
    func close() {
        isClosed = true
        while let connection = idle.popLast() {
            _ = connection.wake()
            close(connection)
        }
    }

    private func close(_ connection: ClientConnection) {
        connection.stream.close()
        connectionEnded()
    }

    /// Forgets a connection that was closed, was handed over to another protocol, or could not be opened.
    func connectionEnded() {
        openCount -= 1
        grantNext()
    }

    /// Resumes the first waiters, as many as there are free connections.
    private func grantNext() {
        while hasFree, !waiters.isEmpty {
            let waiter = waiters.removeFirst()
            waiter.hasGrant = true
            grants += 1
            waiter.socket.interrupt()
        }
    }
}
