import Clocks
import Dispatch
import Policy
import Synchronization

/// Writes events into the ledger, in groups, from a separate queue: `report` waits for nothing.
///
/// While the database refuses, at most `Pace.waiting` events wait for it; further ones are dropped and counted. Log lines are
/// the reporter's, so that none is lost with them.
package final class EventLog: Sendable {
    /// The times and bounds of the log.
    package struct Pace: Sendable {
        /// The time that an event waits for others to share its transaction.
        package var delay: Duration = .milliseconds(100)
        /// The pause between two tries while the database refuses.
        package var retry: Duration = .seconds(1)
        /// The most events that wait.
        package var waiting = 1024
        /// The events that are kept.
        package var capacity: Int64 = 100_000

        /// The values of a gateway.
        package init() {}
    }

    private struct State {
        var waiting: [Event] = []
        var isScheduled = false
        var dropped = 0
    }

    /// Notices of one transaction, so that rows do not wait for long.
    private static let slice = 500

    private let database: LedgerDatabase
    private let pace: Pace
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "propylon.events", qos: .utility)

    /// Writes into `database`, which must close after the log.
    package init(_ database: LedgerDatabase, pace: Pace = Pace()) {
        self.database = database
        self.pace = pace
    }

    /// Events that were dropped because too many waited.
    package var dropped: Int { state.withLock { $0.dropped } }

    /// Takes `event` to be written soon. Returns false where it is dropped.
    @discardableResult
    package func report(_ event: Event) -> Bool {
        let isKept = state.withLock { state in
            guard state.waiting.count < pace.waiting else {
                state.dropped += 1
                return false
            }
            state.waiting.append(event)
            return true
        }
        if isKept { schedule(after: pace.delay) }
        return isKept
    }

    /// Writes the events of those notices that were never given, whatever process gave them. Blocks.
    ///
    /// - Parameter report: Called with the events that were written, in groups.
    package func write(
        _ notices: [(notice: ExpiryNotice, event: Event)], report: ([Event]) -> Void
    ) throws(LedgerError) {
        var rest = notices[...]
        try WriteSlices.run { () throws(LedgerError) in
            report(try database.append(rest.prefix(Self.slice), keeping: pace.capacity))
            rest = rest.dropFirst(Self.slice)
            return !rest.isEmpty
        }
    }

    /// Writes all events so far, and waits for it. Blocks: do not call it on an event loop.
    /// - Returns: false if the database refuses them; they stay for the next try.
    @discardableResult
    package func flush() -> Bool { queue.sync { write() } }

    /// Writes after `delay`, unless that is due already.
    private func schedule(after delay: Duration) {
        let isFirst = state.withLock { state in
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        guard isFirst else { return }
        queue.asyncAfter(deadline: .now() + delay.dispatched) { [weak self] in
            guard let self else { return }
            state.withLock { $0.isScheduled = false }
            if !write() { schedule(after: pace.retry) }
        }
    }

    /// Writes the waiting events. Runs on `queue` alone. A failure is not reported here: the writer of rows meets the same one.
    private func write() -> Bool {
        let events = state.withLock { $0.waiting }
        guard !events.isEmpty else { return true }
        do throws(LedgerError) { try database.append(events, keeping: pace.capacity) } catch { return false }
        state.withLock { $0.waiting.removeFirst(events.count) }
        return true
    }
}
