import Policy
import Synchronization

/// The requests in flight, in a small file mapped into memory, `DATA/journal`: one slot for each request.
///
/// A slot is written with plain stores, without a system call. Stores survive the death of the process; only a loss of
/// power can take them. A slot is taken when its request begins, and freed after the ledger has the row. One process at a
/// time holds the journal.
package final class Journal: Sendable {
    /// Slots by which the file grows, less than half a megabyte.
    private static let step = 256
    /// The most slots, 24 GiB: the size of the mapping stays sane for every configuration.
    private static let mostSlots = 1 << 24

    private struct Slots {
        /// Free slots, used last in first out: few pages of the file are ever touched.
        var free: [Int] = []
        /// Slots in the file.
        var count = 0
        /// The reason why there is no free slot for another request.
        var refusal: LedgerError?
    }

    /// The records in the journal of a process that did not end in good order.
    struct Leftovers {
        /// Final records, which the ledger may have already.
        var finished: [UsageRecord] = []
        /// Last known records of requests that did not end.
        var interrupted: [UsageRecord] = []
        /// Damaged slots.
        var unreadable = 0
    }

    private let capacity: Int
    // Sound: its size changes under the lock of `slots` alone, and a slot's memory belongs to the holder of the slot.
    nonisolated(unsafe) private let file: JournalFile
    private let slots = Mutex(Slots())
    /// Is true if `trouble` has a reason to take the lock: every request reads it.
    private let isFull = Atomic<Bool>(false)

    /// Opens the journal in `directory`, which exists.
    ///
    /// `capacity` is the most requests it can hold at once, in flight or waiting for the ledger: 1.5 KiB each.
    /// - Throws: `LedgerError.inUse` if another process holds it, `.foreignJournal`, `.diskFull`, `.cannotOpen`.
    package init(directory: String, capacity: Int) throws(LedgerError) {
        self.capacity = min(max(1, capacity), Self.mostSlots)
        file = try JournalFile(
            directory + "/journal", capacity: JournalFile.headerBytes + self.capacity * JournalLayout.current.byteCount)
    }

    /// Reads the records that an earlier process left. Call it before `start`.
    func leftovers() -> Leftovers {
        var leftovers = Leftovers()
        let layout = file.layout
        for slot in 0..<(file.byteCount - JournalFile.headerBytes) / layout.byteCount {
            switch self.slot(slot, layout).content(in: layout) {
            case .nothing: break
            case .finished(let record): leftovers.finished.append(record)
            case .interrupted(let record): leftovers.interrupted.append(record)
            case .unreadable: leftovers.unreadable += 1
            }
        }
        return leftovers
    }

    /// Removes the records of an earlier process, once the ledger has them, and reserves the first slots.
    func start() throws(LedgerError) {
        try file.removeSlots()
        try slots.withLock { slots throws(LedgerError) in
            slots = Slots()
            try grow(&slots)
        }
    }

    /// The reason to refuse further requests: all slots are taken, and the file cannot grow.
    var trouble: String? {
        guard isFull.load(ordering: .relaxed) else { return nil }
        return slots.withLock { $0.refusal?.description }
    }

    /// Requests in the journal.
    var count: Int { slots.withLock { $0.count - $0.free.count } }

    /// Writes a request that begins. Returns its slot, or nil without a free one.
    func begin(_ record: borrowing UsageRecord) -> Int? {
        guard let slot = takeSlot() else { return nil }
        self[slot].begin(record)
        return slot
    }

    /// Writes a finished request. Returns its slot, or nil without a free one.
    func write(finished record: borrowing UsageRecord) -> Int? {
        guard let slot = takeSlot() else { return nil }
        self[slot].write(finished: record)
        return slot
    }

    /// The slot `number`, which its holder has from `begin` or `write`.
    subscript(number: Int) -> JournalSlot { slot(number, .current) }

    /// Frees slots whose rows the ledger has.
    func release(_ numbers: some Sequence<Int>) {
        slots.withLock { slots in
            for number in numbers {
                self[number].free()
                slots.free.append(number)
            }
            if slots.refusal != nil, !slots.free.isEmpty {
                slots.refusal = nil
                isFull.store(false, ordering: .relaxed)
            }
        }
    }

    private func takeSlot() -> Int? {
        slots.withLock { slots in
            if let slot = slots.free.popLast() { return slot }
            do throws(LedgerError) {
                try grow(&slots)
            } catch {
                slots.refusal = error
                isFull.store(true, ordering: .relaxed)
            }
            return slots.free.popLast()
        }
    }

    private func grow(_ slots: inout Slots) throws(LedgerError) {
        guard slots.count < capacity else { throw .journalFull(path: file.path, slots: capacity) }
        let count = min(slots.count + Self.step, capacity)
        try file.grow(to: JournalFile.headerBytes + count * JournalLayout.current.byteCount)
        slots.free.append(contentsOf: (slots.count..<count).reversed())
        slots.count = count
    }

    private func slot(_ number: Int, _ layout: JournalLayout) -> JournalSlot {
        JournalSlot(at: file.memory(at: JournalFile.headerBytes + number * layout.byteCount))
    }
}
