import Clocks
import Policy

/// A row on its way to the ledger, and its slot in the journal. Without a slot it is in memory alone.
struct PendingRow: Sendable {
    let record: UsageRecord
    let slot: Int?
}

/// The rows that wait for the ledger, and the decisions about them. The writer keeps it under a lock, and acts outside.
struct RowQueue {
    /// The drain that the writer must start.
    enum Schedule {
        case none, delayed, immediate
    }

    private let pace: LedgerWriter.Pace
    /// Rows that the drain has not taken yet.
    private var waiting: [PendingRow] = []
    private var waitingSince: MonotonicTime?
    /// Rows that the drain has taken and not committed yet.
    private var taken = 0
    private var takenSince: MonotonicTime?
    private var schedule = Schedule.none
    /// Is true while a retry is scheduled: no other drain starts before it.
    private var awaitsRetry = false
    private var isClosed = false
    /// The present refusal of the database, and its begin.
    private var refusal: (error: LedgerError, since: MonotonicTime)?
    /// Rows in memory alone, because the journal is full.
    private var unjournaled = 0

    /// Rows that were given up, because too many of them were in memory alone.
    private(set) var dropped = 0
    /// Rows committed so far.
    private(set) var committed = 0

    init(_ pace: LedgerWriter.Pace) { self.pace = pace }

    /// Rows that are not committed.
    var pending: Int { waiting.count + taken }

    /// Adds a row. Returns the drain to start.
    mutating func add(_ row: PendingRow, at now: @autoclosure () -> MonotonicTime) -> Schedule {
        if row.slot == nil {
            guard unjournaled < pace.overflow else {
                dropped += 1
                return .none
            }
            unjournaled += 1
        }
        if waiting.isEmpty { waitingSince = now() }
        waiting.append(row)
        guard !awaitsRetry else { return .none }
        switch schedule {
        case .none:
            schedule = .delayed
            return .delayed
        case .delayed where waiting.count >= pace.group:
            schedule = .immediate
            return .immediate
        default:
            return .none
        }
    }

    /// Moves all waiting rows to `batch`, after the rows that an earlier drain could not commit.
    mutating func move(to batch: inout [PendingRow]) {
        if batch.isEmpty {
            swap(&batch, &waiting)
            takenSince = waitingSince
        } else {
            batch.append(contentsOf: waiting)
            waiting.removeAll(keepingCapacity: true)
        }
        waitingSince = nil
        taken = batch.count
        schedule = .none
    }

    /// Counts committed rows. The database no longer refuses.
    mutating func commit(_ rows: ArraySlice<PendingRow>) {
        taken -= rows.count
        unjournaled -= rows.count { $0.slot == nil }
        committed += rows.count
        if taken == 0 { takenSince = nil }
        refusal = nil
    }

    /// Keeps the refusal of the database. Returns true if the writer must schedule a retry.
    mutating func refuse(_ error: LedgerError, at now: MonotonicTime) -> Bool {
        refusal = (error, refusal?.since ?? now)
        guard !isClosed, !awaitsRetry else { return false }
        awaitsRetry = true
        return true
    }

    /// Notes that the scheduled retry starts.
    mutating func retry() { awaitsRetry = false }

    /// Ends the retries.
    mutating func close() { isClosed = true }

    /// The description of a refusal that has lasted for the timeout.
    func trouble(at now: MonotonicTime) -> String? {
        guard let refusal, now - refusal.since >= pace.timeout else { return nil }
        return refusal.error.description
    }

    /// The age of the oldest row, or zero.
    func lag(at now: MonotonicTime) -> Duration {
        guard let oldest = takenSince ?? waitingSince else { return .zero }
        return now - oldest
    }
}
