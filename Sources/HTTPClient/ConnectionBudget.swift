import Synchronization
import Transport

/// Bound on the connections to one server, shared by the clients of all loops.
///
/// Decides under a lock (`ConnectionQueue`), and acts outside of it: a pool learns of its grants on its own loop.
package final class ConnectionBudget: Sendable {
    private struct State {
        var queue: ConnectionQueue
        /// The pools by their numbers. Strong references, which `unregister` ends: a weak one would slow down every other
        /// reference to a pool.
        var pools: [Int: ConnectionPool] = [:]
        var nextPool = 0
    }

    private let state: Mutex<State>
    /// Number of those who wait; read without the lock at each end of an exchange.
    private let waiting = Atomic<Int>(0)

    /// A budget of `limit` connections, at least one.
    package init(limit: Int) { state = Mutex(State(queue: ConnectionQueue(limit: limit))) }

    /// Changes the number of connections, at least one. Connections beyond a lower limit close when their exchanges end.
    package func setLimit(_ limit: Int) {
        let granted = update { $0.queue.setLimit(limit) }
        for entry in granted { notify(entry) }
    }

    /// Number of connections that are open or being opened.
    package var open: Int { state.withLock { $0.queue.open } }

    /// True where somebody waits. May lag behind other loops; `join` makes up for it.
    var hasWaiters: Bool { waiting.load(ordering: .relaxed) > 0 }

    /// Adds `pool` and returns its number.
    func register(_ pool: ConnectionPool) -> Int {
        state.withLock { state in
            defer { state.nextPool += 1 }
            state.pools[state.nextPool] = pool
            return state.nextPool
        }
    }

    /// Removes a pool whose client ends: no request can wait in it any more.
    func unregister(_ number: Int) { state.withLock { state in state.pools[number] = nil } }

    // MARK: Events of pools

    func takePlace() -> Bool { update { $0.queue.takePlace() } }

    /// Joins the queue for the pool `number`, and asks the other pools for idle connections.
    ///
    /// They look on their own loops, after the queue has this entry. So a connection that a pool keeps idle meanwhile,
    /// because it did not see the entry yet, is found.
    func join(_ number: Int) -> ConnectionQueue.Ticket {
        let (ticket, others) = update { state in
            (state.queue.join(pool: number), state.pools.filter { $0.key != number }.values)
        }
        for other in others { other.loop.execute { other.surrenderIdle() } }
        return ticket
    }

    func leave(_ ticket: ConnectionQueue.Ticket) -> Bool { update { $0.queue.leave(ticket) } }

    func connectionFreed(in number: Int) -> ConnectionQueue.Freed {
        update { $0.queue.connectionFreed(in: number) }
    }

    func connectionClosed() {
        if let entry = update({ $0.queue.connectionClosed() }) { notify(entry) }
    }

    private func update<Result: Sendable>(_ change: (inout State) -> Result) -> Result {
        state.withLock { state in
            let result = change(&state)
            waiting.store(state.queue.waiting, ordering: .relaxed)
            return result
        }
    }

    private func notify(_ entry: ConnectionQueue.Entry) {
        guard let pool = state.withLock({ $0.pools[entry.pool] }) else { return }
        pool.loop.execute { pool.placeGranted(to: entry.ticket) }
    }
}
