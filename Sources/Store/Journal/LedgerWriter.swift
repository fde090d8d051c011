import Clocks
import Dispatch
import GRDB
import Policy
import Synchronization

/// Writes usage records into the ledger, in groups: one transaction for all that came within about 50 ms.
///
/// - `end` and `record` cost two locks and a kilobyte's stores at most; they never wait for the disk.
/// - A record is in the journal before they return, and stays there until its row is committed: the death of the process
///   loses none. While the database refuses (locked, disk full, damaged) the rows are tried again each second, and
///   `trouble` says that no more requests should be taken.
/// - A row is identified by the request's id: one that is recorded twice is kept once.
package final class LedgerWriter: UsageJournal {
    /// When the writer commits and when it complains.
    package struct Pace: Sendable {
        /// How long a row may wait for others to share its transaction.
        package var delay: Duration = .milliseconds(50)
        /// How many rows are enough not to wait any longer.
        package var group = 2048
        /// The pause between two tries while the database refuses.
        package var retry: Duration = .seconds(1)
        /// How long the database may refuse until `trouble` says so.
        package var timeout: Duration = .seconds(5)
        /// How many rows of refused requests may wait in memory once the journal is full, about 400 bytes each.
        package var overflow = 10_000

        /// The values for a gateway.
        package init() {}
    }

    /// What the journal of an earlier process held, all of it in the ledger now.
    package struct Recovery: Sendable, Equatable {
        /// Requests that were over, with their exact numbers.
        package var finished = 0
        /// Requests that the death of the process interrupted, with what was seen of them.
        package var interrupted = 0
        /// Places of the journal that the disk or another program has damaged; what they held is lost.
        package var unreadable = 0

        /// Whether there was nothing to recover.
        package var isEmpty: Bool { finished == 0 && interrupted == 0 && unreadable == 0 }
    }

    /// Rows of one transaction after a long refusal: other writers get their turn in between.
    private static let rowsOfTransaction = 4096

    private enum Schedule { case none, delayed, immediate }

    private struct State {
        /// Rows that the drain has not taken yet.
        var waiting: [PendingRow] = []
        /// When the first of `waiting` came.
        var waitingSince: ContinuousClock.Instant?
        /// Rows that the drain has taken and not committed yet, and when the first of them came.
        var taken = 0
        var takenSince: ContinuousClock.Instant?
        var schedule = Schedule.none
        /// A retry is scheduled: until then nothing else is.
        var awaitsRetry = false
        var committed = 0
        /// Rows that are in memory alone, the journal being full; and how many could not even stay there.
        var unjournaled = 0
        var dropped = 0
        /// Since when, and why, the database refuses.
        var refusedSince: ContinuousClock.Instant?
        var refusal: LedgerError?
        var closed = false

        var pending: Int { waiting.count + taken }
    }

    /// What was recovered when the writer was made.
    package let recovery: Recovery

    private let database: LedgerDatabase
    private let journal: Journal
    private let pace: Pace
    private let state = Mutex(State())
    /// Says whether `trouble` has to look at all: it is asked for every request.
    private let isRefused = Atomic<Bool>(false)
    private let queue = DispatchQueue(label: "propylon.ledger.writer")
    /// What the drain has taken. Touched on `queue` alone.
    private let batch = DrainBatch()

    /// A writer into `database`, which has to be closed after the writer. What an earlier process has left in `journal` is
    /// in the ledger when this returns. Blocks: not for an event loop.
    /// - Throws: what the database or the file system refused; the journal then still holds all that it held.
    package init(_ database: LedgerDatabase, journal: Journal, pace: Pace = Pace()) throws(LedgerError) {
        self.database = database
        self.journal = journal
        self.pace = pace
        let leftovers = journal.leftovers()
        let rows = (leftovers.finished + leftovers.interrupted).map { PendingRow(record: $0, slot: nil) }
        if !rows.isEmpty {
            try database.writing { database in
                var numbers = UsageGroupNumbers()
                try UsageRows.insert(rows, rows.indices, &numbers, into: database)
            }
        }
        try journal.start()
        recovery = Recovery(
            finished: leftovers.finished.count, interrupted: leftovers.interrupted.count,
            unreadable: leftovers.unreadable)
    }

    package func begin(_ record: borrowing UsageRecord) -> InFlight? {
        journal.begin(record).map { InFlight(slot: $0) }
    }

    package func progress(_ entry: borrowing InFlight, _ progress: UsageProgress) {
        journal[entry.slot].progress(progress)
    }

    package func end(_ entry: consuming InFlight, _ record: UsageRecord) {
        let slot = entry.release()
        journal[slot].finish(record)
        queue(PendingRow(record: record, slot: slot))
    }

    package func record(_ record: UsageRecord) {
        queue(PendingRow(record: record, slot: journal.write(finished: record)))
    }

    private func queue(_ row: PendingRow) {
        let drain = state.withLock { state -> Schedule in
            if row.slot == nil {
                guard state.unjournaled < pace.overflow else {
                    state.dropped += 1
                    return .none
                }
                state.unjournaled += 1
            }
            if state.waiting.isEmpty { state.waitingSince = .now }
            state.waiting.append(row)
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
        case .delayed: queue.asyncAfter(deadline: .now() + pace.delay.dispatched) { [weak self] in self?.drain() }
        case .immediate: queue.async { [weak self] in self?.drain() }
        case .none: break
        }
    }

    package var trouble: String? {
        if let trouble = journal.trouble { return trouble }
        guard isRefused.load(ordering: .relaxed) else { return nil }
        return state.withLock { state in
            guard let refusal = state.refusal, let since = state.refusedSince else { return nil }
            return ContinuousClock.now - since >= pace.timeout ? refusal.description : nil
        }
    }

    /// How many requests are in the journal: under way, or over and not in the ledger yet.
    package var journaled: Int { journal.count }

    /// How many rows are not in the ledger yet.
    package var pending: Int { state.withLock { $0.pending } }

    /// How many rows of refused requests were given up, because the journal was full and too many of them waited in memory
    /// already. No request that went upstream is among them: those have their place from the beginning.
    package var dropped: Int { state.withLock { $0.dropped } }

    /// How long the oldest row that is not in the ledger has been waiting; zero where there is none.
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
    /// - Returns: how many rows could not be committed, 0 where all is well. They are in the journal, for the next start.
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
                try database.pool.write { try UsageRows.insert(batch.rows, start..<end, &batch.groups, into: $0) }
            } catch {
                batch.groups.forget()
                throw LedgerError(error, path: database.path)
            }
            journal.release(batch.rows[start..<end].lazy.compactMap(\.slot))
            state.withLock { state in
                state.taken -= end - start
                state.unjournaled -= batch.rows[start..<end].count { $0.slot == nil }
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
        queue.asyncAfter(deadline: .now() + pace.retry.dispatched) { [weak self] in
            guard let self else { return }
            state.withLock { $0.awaitsRetry = false }
            drain()
        }
    }
}

/// A row on its way to the ledger, and its place in the journal; without one it is in memory alone.
struct PendingRow: Sendable {
    let record: UsageRecord
    let slot: Int?
}

/// The rows in the drain's hands. A class, so that the drain changes them in place.
private final class DrainBatch: @unchecked Sendable {
    // Touched on the writer's serial queue alone: hence unchecked.
    var rows: [PendingRow] = []
    var groups = UsageGroupNumbers()

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
