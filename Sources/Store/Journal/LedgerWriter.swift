import Bytes
import Clocks
import Dispatch
import GRDB
import Policy
import Synchronization

/// Writes usage records into the ledger in groups: one transaction for all records of about 50 ms.
///
/// - `end` and `record` cost two locks and stores of about a kilobyte. They never wait for the disk.
/// - A record is in the journal before they return, and stays there until its row is committed, so the death of the
///   process loses none. While the database refuses (locked, disk full, damaged), the writer retries each second, and
///   `trouble` says that no further request should start.
/// - The request's id identifies a row: a record that comes twice is kept once.
package final class LedgerWriter: UsageJournal {
    /// Rows of one transaction after a long refusal: other writers get their turn in between.
    private static let rowsOfTransaction = 4096

    /// The records recovered at the start.
    package let recovery: Recovery

    let database: LedgerDatabase
    let journal: Journal
    private let pace: Pace
    private let clock: any TimeSource
    private let rows: Mutex<RowQueue>
    /// Is true if `trouble` has a reason to take the lock: every request reads it.
    private let isRefused = Atomic<Bool>(false)
    let queue = DispatchQueue(label: "propylon.ledger.writer")
    /// The rows of the drain. Used on `queue` alone.
    let batch = DrainBatch()

    /// Creates a writer into `database`, which must close after the writer.
    ///
    /// The records that an earlier process left in `journal` are in the ledger on return. Blocks: do not call it on an
    /// event loop.
    /// - Throws: the error of the database or the file system. The journal then keeps all its records.
    package init(
        _ database: LedgerDatabase, journal: Journal, pace: Pace = Pace(), clock: any TimeSource = .system
    ) throws(LedgerError) {
        self.database = database
        self.journal = journal
        self.pace = pace
        self.clock = clock
        rows = Mutex(RowQueue(pace))
        recovery = try Recovery(journal, into: database)
        try journal.start()
    }

    package func begin(_ record: borrowing UsageRecord) -> InFlight? {
        journal.begin(record).map { InFlight(slot: $0) }
    }

    package func progress(_ entry: borrowing InFlight, _ progress: UsageProgress) {
        journal[entry.slot].progress(progress)
    }

    package func progress(of entry: borrowing InFlight) -> UsageProgress? { journal[entry.slot].progress }

    package func end(_ entry: consuming InFlight, _ record: UsageRecord) {
        let slot = entry.release()
        journal[slot].finish(record)
        add(PendingRow(record: record, slot: slot))
    }

    package func record(_ record: UsageRecord) {
        add(PendingRow(record: record, slot: journal.write(finished: record)))
    }

    private func add(_ row: PendingRow) {
        switch rows.withLock({ $0.add(row, at: clock.monotonic) }) {
        case .delayed: queue.asyncAfter(deadline: .now() + pace.delay.dispatched) { [weak self] in self?.drain() }
        case .immediate: queue.async { [weak self] in self?.drain() }
        case .none: break
        }
    }

    /// Commits all records so far, and waits for it. Blocks: do not call it on an event loop.
    /// - Returns: false if some rows are not in the database; the writer then retries.
    @discardableResult
    package func flush() -> Bool { queue.sync { drain() } }

    /// Commits the remaining rows, ends the retries, and gives the journal to the next process if it is empty.
    /// - Returns: the number of rows that could not be committed. The journal keeps them for the next start.
    @discardableResult
    package func close() -> Int {
        queue.sync {
            rows.withLock { $0.close() }
            batch.isHeld = false
            let isCommitted = drain()
            journal.close()
            return isCommitted ? 0 : pending
        }
    }

    /// Takes all waiting rows and commits them. Runs on `queue` alone.
    @discardableResult
    func drain() -> Bool {
        guard !batch.isHeld else { return false }
        rows.withLock { $0.move(to: &batch.rows) }
        do {
            try commitBatch()
            return true
        } catch {
            refuse(error)
            return false
        }
    }

    private func commitBatch() throws(LedgerError) {
        var start = 0
        defer { batch.removeFirst(start) }
        while start < batch.rows.count {
            let end = min(start + Self.rowsOfTransaction, batch.rows.count)
            batch.shipment?(batch.rows[start..<end].map(\.record))
            do {
                try database.pool.write { try UsageTable.insert(batch.rows, start..<end, &batch.groups, into: $0) }
            } catch {
                batch.groups.forget()
                throw LedgerError(error, path: database.path)
            }
            journal.release(batch.rows[start..<end].lazy.compactMap(\.slot))
            rows.withLock { $0.commit(batch.rows[start..<end]) }
            isRefused.store(false, ordering: .relaxed)
            start = end
        }
    }

    private func refuse(_ error: LedgerError) {
        let retries = rows.withLock { $0.refuse(error, at: clock.monotonic) }
        isRefused.store(true, ordering: .relaxed)
        guard retries else { return }
        queue.asyncAfter(deadline: .now() + pace.retry.dispatched) { [weak self] in
            guard let self else { return }
            rows.withLock { $0.retry() }
            drain()
        }
    }
}

extension LedgerWriter {
    package var trouble: String? {
        if let trouble = journal.trouble { return trouble }
        guard isRefused.load(ordering: .relaxed) else { return nil }
        return rows.withLock { $0.trouble(at: clock.monotonic) }
    }

    /// Requests in the journal: in flight, or finished and not in the ledger yet.
    package var journaled: Int { journal.count }

    /// Rows that are not in the ledger yet.
    package var pending: Int { rows.withLock { $0.pending } }

    /// Rows of refused requests that were given up: the journal was full, and too many of them waited in memory.
    ///
    /// No forwarded request is among them, since it has its slot from the beginning.
    package var dropped: Int { rows.withLock { $0.dropped } }

    /// The age of the oldest row that is not in the ledger yet, or zero.
    package var lag: Duration { rows.withLock { $0.lag(at: clock.monotonic) } }

    /// Rows committed since the start.
    package var committed: Int { rows.withLock { $0.committed } }
}

/// The rows of the drain. A class, so that the drain changes them in place.
final class DrainBatch: @unchecked Sendable {
    // Sound: used on the writer's serial queue alone.
    var rows: [PendingRow] = []
    var groups = UsageGroupNumbers()
    /// True while no row may be committed: a successor reads the ledger.
    var isHeld = false
    /// Gets the records of each transaction before it is committed.
    var shipment: (@Sendable ([UsageRecord]) -> Void)?

    func removeFirst(_ count: Int) {
        if count < rows.count {
            rows.removeFirst(count)
        } else {
            // The next drain returns the array to the writer: keep a usual one, not the large one of a long refusal.
            rows.removeAll(keepingCapacity: rows.capacity <= 8192)
        }
    }
}
