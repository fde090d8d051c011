import Dispatch
import GRDB
import Policy
import Synchronization

/// Writes usage records into the ledger, in groups: one transaction for all that came within about 20 ms.
///
/// - `record` costs a lock and an append; it never waits for the disk.
/// - A record is never given up. While the database refuses (locked, disk full, damaged) rows stay in memory and are tried
///   again each second; `trouble` then says that no more requests should be taken.
/// - A row is identified by the request's id: one that is recorded twice is kept once.
package final class LedgerWriter: UsageSink {
    /// When the writer commits and when it complains.
    package struct Pace: Sendable {
        /// How long a row may wait for others to share its transaction.
        package var delay: Duration = .milliseconds(20)
        /// How many rows are enough not to wait any longer.
        package var group = 512
        /// The pause between two tries while the database refuses.
        package var retry: Duration = .seconds(1)
        /// How long the database may refuse until `trouble` says so.
        package var patience: Duration = .seconds(5)
        /// How many rows may wait in memory until `trouble` says so, about 400 bytes each.
        package var capacity = 100_000

        /// The values for a gateway.
        package init() {}
    }

    /// Rows of one transaction after a long refusal: other writers get their turn in between.
    private static let rowsOfTransaction = 4096

    private enum Schedule { case none, delayed, immediate }

    private struct State {
        /// Rows that the drain has not taken yet.
        var waiting: [UsageRecord] = []
        /// When the first of `waiting` came.
        var waitingSince: ContinuousClock.Instant?
        /// Rows that the drain has taken and not committed yet, and when the first of them came.
        var taken = 0
        var takenSince: ContinuousClock.Instant?
        var schedule = Schedule.none
        /// A retry is scheduled: until then nothing else is.
        var awaitsRetry = false
        var committed = 0
        /// Since when, and why, the database refuses.
        var refusedSince: ContinuousClock.Instant?
        var refusal: LedgerError?
        var closed = false

        var pending: Int { waiting.count + taken }
    }

    private let database: LedgerDatabase
    private let pace: Pace
    private let state = Mutex(State())
    /// Says whether `trouble` has to look at all: it is asked for every request.
    private let isRefused = Atomic<Bool>(false)
    private let queue = DispatchQueue(label: "propylon.ledger.writer")
    /// What the drain has taken. Touched on `queue` alone.
    private let batch = DrainBatch()

    /// A writer into `database`, which has to be closed after the writer.
    package init(_ database: LedgerDatabase, pace: Pace = Pace()) {
        self.database = database
        self.pace = pace
    }

    package func record(_ record: UsageRecord) {
        let drain = state.withLock { state -> Schedule in
            if state.waiting.isEmpty { state.waitingSince = .now }
            state.waiting.append(record)
            guard !state.awaitsRetry else { return .none }
            switch state.schedule {
            case .none:
                state.schedule = .delayed
                return .delayed
            case .delayed where state.waiting.count >= pace.group:
                state.schedule = .immediate
                return .immediate
            default:
                return .none
            }
        }
        switch drain {
        case .delayed: queue.asyncAfter(deadline: .now() + pace.delay.dispatched) { self.drain() }
        case .immediate: queue.async { self.drain() }
        case .none: break
        }
    }

    package var trouble: String? {
        guard isRefused.load(ordering: .relaxed) else { return nil }
        return state.withLock { state in
            guard let refusal = state.refusal, let since = state.refusedSince else { return nil }
            if state.pending > pace.capacity {
                return "\(state.pending) usage rows wait for the ledger: \(refusal)"
            }
            return ContinuousClock.now - since >= pace.patience ? refusal.description : nil
        }
    }

    /// How many rows are in memory alone.
    package var pending: Int { state.withLock { $0.pending } }

    /// How long the oldest row that is in memory alone has been waiting; zero where there is none.
    package var lag: Duration {
        state.withLock { state in
            guard let oldest = state.takenSince ?? state.waitingSince else { return .zero }
            return ContinuousClock.now - oldest
        }
    }

    /// How many rows were committed since the writer was made.
    package var committed: Int { state.withLock { $0.committed } }

    /// Commits all that was recorded until now, and waits for it. Blocks: not for an event loop.
    /// - Returns: whether all of it is in the database; where not, the writer goes on trying.
    @discardableResult
    package func flush() -> Bool { queue.sync { drain() } }

    /// Commits what is left and ends the retries.
    /// - Returns: how many rows could not be committed and are lost, 0 where all is well.
    @discardableResult
    package func close() -> Int {
        queue.sync {
            state.withLock { $0.closed = true }
            return drain() ? 0 : pending
        }
    }

    /// Takes all that waits and commits it. Runs on `queue` alone.
    @discardableResult
    private func drain() -> Bool {
        state.withLock { state in
            if batch.rows.isEmpty {
                swap(&batch.rows, &state.waiting)
                state.takenSince = state.waitingSince
            } else {
                batch.rows.append(contentsOf: state.waiting)
                state.waiting.removeAll(keepingCapacity: true)
            }
            state.waitingSince = nil
            state.taken = batch.rows.count
            state.schedule = .none
        }
        do {
            try commitBatch()
            return true
        } catch {
            refused(error)
            return false
        }
    }

    private func commitBatch() throws(LedgerError) {
        var start = 0
        defer { batch.removeFirst(start) }
        while start < batch.rows.count {
            let end = min(start + Self.rowsOfTransaction, batch.rows.count)
            do {
                try database.pool.write { try UsageInsert.insert(batch.rows, start..<end, into: $0) }
            } catch {
                throw LedgerError(error, path: database.path)
            }
            state.withLock { state in
                state.taken -= end - start
                state.committed += end - start
                if state.taken == 0 { state.takenSince = nil }
                state.refusedSince = nil
                state.refusal = nil
            }
            isRefused.store(false, ordering: .relaxed)
            start = end
        }
    }

    private func refused(_ error: LedgerError) {
        let retries = state.withLock { state in
            if state.refusedSince == nil { state.refusedSince = .now }
            state.refusal = error
            guard !state.closed, !state.awaitsRetry else { return false }
            state.awaitsRetry = true
            return true
        }
        isRefused.store(true, ordering: .relaxed)
        guard retries else { return }
        queue.asyncAfter(deadline: .now() + pace.retry.dispatched) {
            self.state.withLock { $0.awaitsRetry = false }
            self.drain()
        }
    }
}

/// The rows in the drain's hands. A class, so that the drain changes them in place.
private final class DrainBatch: @unchecked Sendable {
    // Touched on the writer's serial queue alone: hence unchecked.
    var rows: [UsageRecord] = []

    func removeFirst(_ count: Int) {
        if count < rows.count {
            rows.removeFirst(count)
        } else {
            // The array goes back to the writer at the next drain: keep a usual one, not what a long refusal has left.
            rows.removeAll(keepingCapacity: rows.capacity <= 8192)
        }
    }
}

extension Duration {
    /// The same, in the form that Dispatch's deadlines take.
    fileprivate var dispatched: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        return .nanoseconds(Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000))
    }
}
