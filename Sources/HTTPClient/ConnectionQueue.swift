/// Connections to one server, over all loops: how many are open, and who waits for one, in the order of arrival.
///
/// A connection holds a place from the moment that it is about to be opened until it is closed. A place that becomes free
/// belongs to the first in the queue at once, so no other can overtake it and no wake-up can be lost: whoever leaves the
/// queue learns whether he has a place already.
///
/// ```
/// request   open ─▶ true: open a connection
///                └▶ false: join ─▶ ticket ─▶ granted, by connectionFreed or connectionClosed
///                                        └─▶ leave
/// ```
struct ConnectionQueue: Sendable {
    /// A place in the queue. Later tickets are larger.
    typealias Ticket = UInt64

    /// One who waits.
    struct Entry: Sendable, Equatable {
        let ticket: Ticket
        /// Number of the pool that waits, which belongs to one loop.
        let pool: Int
        /// Connections of other pools that went to later tickets.
        fileprivate(set) var passedOver = 0
    }

    /// Fate of a connection whose exchange has ended.
    enum Freed: Equatable {
        /// No request waits: it becomes idle.
        case keep
        /// It belongs to this ticket of the same pool.
        case hand(Ticket)
        /// Its place is wanted by another pool, or there are too many: close it.
        case close
    }

    /// Connections that a pool may keep for its own waiters while the first in the queue waits in another pool. A
    /// connection cannot change its loop: to hand its place over it is closed, and another one opened.
    static let passesOfOtherPools = 8

    /// Most places at one time.
    private(set) var limit: Int
    /// Places that are taken.
    private(set) var open = 0
    private var entries: [Entry] = []
    private var nextTicket: Ticket = 0

    /// A queue for `limit` places, at least one.
    init(limit: Int) { self.limit = max(1, limit) }

    /// Number of those who wait.
    var waiting: Int { entries.count }

    /// Takes a place. Returns false where none is free, or others wait.
    mutating func takePlace() -> Bool {
        guard entries.isEmpty, open < limit else { return false }
        open += 1
        return true
    }

    /// Joins the end of the queue.
    mutating func join(pool: Int) -> Ticket {
        defer { nextTicket += 1 }
        entries.append(Entry(ticket: nextTicket, pool: pool))
        return nextTicket
    }

    /// Leaves the queue. Returns false where the ticket has been granted a place, which its owner then has.
    mutating func leave(_ ticket: Ticket) -> Bool {
        guard let index = entries.firstIndex(where: { $0.ticket == ticket }) else { return false }
        entries.remove(at: index)
        return true
    }

    /// A connection of `pool` has ended its exchange, and can be used again.
    mutating func connectionFreed(in pool: Int) -> Freed {
        guard open <= limit else { return .close }
        guard let first = entries.first else { return .keep }
        if first.pool != pool {
            guard first.passedOver < Self.passesOfOtherPools else { return .close }
            guard let index = entries.firstIndex(where: { $0.pool == pool }) else { return .close }
            entries[0].passedOver += 1
            return .hand(entries.remove(at: index).ticket)
        }
        entries.removeFirst()
        return .hand(first.ticket)
    }

    /// A connection was closed, or not opened. Returns the one whom its place belongs to; nil where it is free now.
    mutating func connectionClosed() -> Entry? {
        guard open <= limit, !entries.isEmpty else {
            open -= 1
            return nil
        }
        return entries.removeFirst()
    }

    /// Changes the number of places. Returns those who have one now.
    mutating func setLimit(_ limit: Int) -> [Entry] {
        self.limit = max(1, limit)
        var granted: [Entry] = []
        while open < self.limit, !entries.isEmpty {
            open += 1
            granted.append(entries.removeFirst())
        }
        return granted
    }
}
