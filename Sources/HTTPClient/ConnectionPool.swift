import Clocks
import Synchronization
import Transport

/// Connections of one client: idle ones, and the client's part of the queue of those who wait for one.
///
/// A connection that becomes free is handed to the first waiter, who owns it from then on. So a later request cannot
/// overtake it, and a waiter that has left meanwhile gives the connection back.
///
/// - Soundness of `@unchecked Sendable`: used on its loop alone, but for its registration and `gauges`.
final class ConnectionPool: @unchecked Sendable {
    let limits: ClientLimits
    let gauges = PoolGauges()
    private let opener: ConnectionOpener
    private let budget: ConnectionBudget
    /// Number of this pool in the budget.
    private var number = 0
    private var idle: [ClientConnection] = [] {
        didSet { gauges.idle.store(idle.count, ordering: .relaxed) }
    }
    /// Connections that are idle, in use or being opened.
    private var openCount = 0 {
        didSet { gauges.open.store(openCount, ordering: .relaxed) }
    }
    private var waiters: [ConnectionQueue.Ticket: Waiter] = [:]
    private var isClosed = false

    /// A task in the queue. It waits at its client's socket.
    private final class Waiter {
        let socket: Socket
        let interruptsBefore: UInt32
        var grant: Grant?

        init(_ socket: Socket) {
            self.socket = socket
            interruptsBefore = socket.interrupts
        }
    }

    private enum Grant {
        /// A connection that was in use until now.
        case connection(ClientConnection)
        /// The place of a connection that is closed: another one may be opened.
        case place
    }

    init(_ opener: ConnectionOpener, limits: ClientLimits, budget: ConnectionBudget) {
        self.opener = opener
        self.limits = limits
        self.budget = budget
        number = budget.register(self)
    }

    var loop: EventLoop { opener.loop }

    /// Leaves the budget, which holds the pool until then.
    func leaveBudget() { budget.unregister(number) }

    // MARK: Getting a connection

    /// Returns the connection that was idle last, or else opens one, or else waits for a free one.
    ///
    /// - Parameters:
    ///   - client: socket of the client that the request is for. Without one the task does not wait.
    ///   - mayReuse: false for a new connection.
    func connection(for client: Socket?, mayReuse: Bool) async throws(ClientError) -> ClientConnection {
        opener.requestStarted()
        if mayReuse, let connection = wakeIdle() { return connection }
        if !takePlace(), let connection = try await wait(client, mayReuse: mayReuse) { return connection }
        return try await opener.openInTask(for: client, pool: self)
    }

    /// Returns the connection that was idle last, of those that are still open.
    @inline(never)
    private func wakeIdle() -> ClientConnection? {
        while let connection = idle.popLast() {
            if connection.wake() { return connection }
            close(connection)
        }
        return nil
    }

    /// Takes a place for a connection that is about to be opened: a free one, or that of the connection that has been
    /// idle longest.
    ///
    /// - Returns: false where all connections are in use.
    @inline(never)
    private func takePlace() -> Bool {
        if budget.takePlace() {
            openCount += 1
            return true
        }
        guard let oldest = removeOldestIdle() else { return false }
        oldest.stream.close()
        return true
    }

    /// Ends the idle time of the connection that has been idle longest; nil where none is idle.
    private func removeOldestIdle() -> ClientConnection? {
        guard !idle.isEmpty else { return nil }
        let oldest = idle.removeFirst()
        _ = oldest.wake()
        return oldest
    }

    /// Waits in the queue. Returns a connection, or nil where a place to open one was granted.
    private func wait(_ client: Socket?, mayReuse: Bool) async throws(ClientError) -> ClientConnection? {
        guard let client else { throw .exhausted }
        let ticket = join(client)
        let wake = await client.wait(for: .broken, until: opener.loop.now + limits.connectTimeout)
        return try granted(ticket, wake, mayReuse: mayReuse)
    }

    @inline(never)
    private func join(_ client: Socket) -> ConnectionQueue.Ticket {
        let ticket = budget.join(number)
        waiters[ticket] = Waiter(client)
        return ticket
    }

    /// Ends a wait. Returns what was granted, or gives it back if the client has gone.
    @inline(never)
    private func granted(
        _ ticket: ConnectionQueue.Ticket, _ wake: Wake, mayReuse: Bool
    ) throws(ClientError) -> ClientConnection? {
        guard let waiter = waiters.removeValue(forKey: ticket) else { throw .clientGone }
        // Each grant interrupts once. One that another loop has just made has not been delivered.
        let interrupts = waiter.interruptsBefore &+ (waiter.grant == nil ? 0 : 1)
        if waiter.grant == nil, !budget.leave(ticket) {
            waiter.grant = .place
            openCount += 1
        }
        guard let grant = waiter.grant else { throw wake == .timedOut ? .exhausted : .clientGone }
        guard wake != .ready, waiter.socket.interrupts == interrupts else {
            switch grant {
            case .connection(let connection): connection.isQuiet ? keep(connection) : close(connection)
            case .place: connectionEnded()
            }
            throw .clientGone
        }
        guard case .connection(let connection) = grant else { return nil }
        if mayReuse, connection.isQuiet { return connection }
        // The place stays this waiter's.
        connection.stream.close()
        return nil
    }

    // MARK: Giving a connection back

    /// Keeps the connection of an exchange that has ended, where that is possible, or else closes it.
    func takeBack(_ connection: ClientConnection) {
        if connection.endExchange() { keep(connection) } else { close(connection) }
    }

    /// Hands a connection to the first waiter, or keeps it idle, unless it is not to be used again.
    func keep(_ connection: ClientConnection) {
        guard !isClosed, !connection.isTooOld else { return close(connection) }
        if budget.hasWaiters {
            switch budget.connectionFreed(in: number) {
            case .keep: break
            case .hand(let ticket): return grant(.connection(connection), to: ticket)
            case .close: return close(connection)
            }
        }
        idle.append(connection)
        connection.beginIdle()
    }

    /// Closes a connection that is in use, or idle.
    func discard(_ connection: ClientConnection) {
        idle.removeAll { $0 === connection }
        close(connection)
    }

    /// Closes all idle connections, and each other one when its exchange ends.
    func close() {
        isClosed = true
        while let connection = removeOldestIdle() { close(connection) }
    }

    private func close(_ connection: ClientConnection) {
        connection.stream.close()
        connectionEnded()
    }

    /// Forgets a connection that was closed, or could not be opened.
    func connectionEnded() {
        openCount -= 1
        budget.connectionClosed()
    }

    // MARK: Events of the budget

    /// Closes idle connections for those who wait on other loops, the one first that has been idle longest.
    func surrenderIdle() {
        while budget.hasWaiters, let oldest = removeOldestIdle() { close(oldest) }
    }

    /// A place is free for the waiter of `ticket`, if it still waits.
    func placeGranted(to ticket: ConnectionQueue.Ticket) {
        guard waiters[ticket] != nil else { return }
        openCount += 1
        grant(.place, to: ticket)
    }

    private func grant(_ grant: Grant, to ticket: ConnectionQueue.Ticket) {
        guard let waiter = waiters[ticket] else { return }
        waiter.grant = grant
        waiter.socket.interrupt()
    }
}
