import Clocks
import Policy

/// The batches that are not billed yet, and the time at which each is looked at next. Callers pass the time.
///
/// One at a time is looked at: `begin`, then `next` until it is nil.
struct BatchSchedule: Sendable {
    /// A batch that is not billed yet.
    struct Entry: Sendable {
        let batch: OwnedResource
        /// Its hold on the limits; nil where its lines are not known.
        let hold: LastingHold?
        fileprivate(set) var dueAt: MonotonicTime
        /// The pause after the next look.
        fileprivate(set) var pause = BatchSchedule.firstPause
        /// True where the last look failed.
        fileprivate(set) var hasFailed = false
        /// Looks in a row at which the upstream knew nothing of the batch, or of its output.
        fileprivate(set) var misses = 0
    }

    /// The result of a look at a batch.
    enum Look: Equatable {
        /// It is in the ledger.
        case billed
        /// It has not ended.
        case open
        /// The upstream does not have it, or not its output.
        case missing
        /// The upstream or the store is out of reach, or what it sent is not whole.
        case failed
    }

    static let firstPause = Duration.seconds(10)
    static let longestPause = Duration.seconds(300)
    /// The looks after which a batch that the upstream does not have is billed by its bounds.
    static let mostMisses = 3

    private var entries: [String: Entry] = [:]
    /// True while somebody looks at batches.
    private(set) var isLooking = false
    /// The time at which the store is read again: another process may have made batches.
    private var storeDueAt: MonotonicTime?

    /// Returns the open batch `id`.
    subscript(id: String) -> Entry? { entries[id] }

    /// Adds `batch`, unless it is known.
    ///
    /// - Parameter makeHold: makes its hold.
    /// - Returns: the entry of the batch.
    @discardableResult
    mutating func add(_ batch: OwnedResource, at now: MonotonicTime, hold makeHold: () -> LastingHold?) -> Entry {
        if let known = entries[batch.id] { return known }
        let entry = Entry(batch: batch, hold: makeHold(), dueAt: now + Self.firstPause)
        entries[batch.id] = entry
        return entry
    }

    /// Makes the batch `id` due: it is known to have ended.
    mutating func hasten(_ id: String, at now: MonotonicTime) {
        // After a failure the pause lasts, however often clients look.
        guard let entry = entries[id], !entry.hasFailed, entry.misses == 0 else { return }
        entries[id]?.dueAt = now
    }

    /// Begins to look at batches. Returns true where one is due, or the store, and no look is under way.
    mutating func begin(at now: MonotonicTime) -> Bool {
        guard !isLooking, isStoreDue(at: now) || entries.values.contains(where: { $0.dueAt <= now }) else {
            return false
        }
        isLooking = true
        return true
    }

    /// The batch that is due first; nil ends the looks.
    mutating func next(at now: MonotonicTime) -> Entry? {
        let entry = entries.values.filter { $0.dueAt <= now }.min { ($0.dueAt, $0.batch.id) < ($1.dueAt, $1.batch.id) }
        isLooking = entry != nil
        return entry
    }

    /// Notes the result of a look at the batch `id`.
    mutating func note(_ look: Look, of id: String, at now: MonotonicTime) {
        guard var entry = entries[id] else { return }
        guard look != .billed else { return entries[id] = nil }
        entry.hasFailed = look == .failed
        entry.misses = look == .missing ? min(entry.misses + 1, Self.mostMisses) : 0
        entry.dueAt = now + entry.pause
        entry.pause = min(entry.pause * 2, Self.longestPause)
        entries[id] = entry
    }

    /// Returns true where the store is to be read.
    func isStoreDue(at now: MonotonicTime) -> Bool { storeDueAt.map { $0 <= now } ?? false }

    /// Notes that the store was read.
    mutating func readStore(at now: MonotonicTime) { storeDueAt = now + Self.longestPause }
}
