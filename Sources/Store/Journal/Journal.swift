import Policy
import Synchronization

/// The requests in flight, in a small file mapped into memory, `DATA/journal`: one slot for each request.
///
/// A slot is written with plain stores, without a system call. Stores survive the death of the process; only a loss of
/// power can take them. A slot is taken when its request begins, and freed after the ledger has the row. One process at a
/// time holds a journal: see `JournalFolder`.
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
        /// True once another process may have the file.
        var isClosed = false
    }

    /// The records in the journal of a process that did not end in good order.
    struct Leftovers {
        /// Final records, which the ledger may have already.
        var finished: [UsageRecord] = []
        /// Last known records of requests that did not end.
        var interrupted: [UsageRecord] = []
        /// Damaged slots.
        var unreadable = 0

        /// No records.
        init() {}

        /// The records in `file`.
        init(_ file: JournalFile) {
            let layout = file.layout
            for number in 0..<(file.byteCount - JournalFile.headerBytes) / layout.byteCount {
                let slot = JournalSlot(at: file.memory(at: JournalFile.headerBytes + number * layout.byteCount))
                add(slot.content(in: layout))
            }
        }

        /// Adds what a slot holds.
        mutating func add(_ content: JournalSlot.Content) {
            switch content {
            case .nothing: break
            case .finished(let record): finished.append(record)
            case .interrupted(let record): interrupted.append(record)
            case .unreadable: unreadable += 1
            }
        }
    }

    private let capacity: Int
    private let folder: JournalFolder
    // Sound: its size changes under the lock of `slots` alone, and a slot's memory belongs to the holder of the slot.
    nonisolated(unsafe) private let file: JournalFile
    private let slots = Mutex(Slots())
    /// Is true if `trouble` has a reason to take the lock: every request reads it.
    private let isFull = Atomic<Bool>(false)

    /// Opens the journal in `directory`, which exists.
    ///
    /// - Parameters:
    ///   - capacity: The most requests it can hold at once, in flight or waiting for the ledger: 1.5 KiB each.
    ///   - isShared: True for a process that takes over from another one, which writes its own journal to the end.
    /// - Throws: `LedgerError.inUse` if another process holds it, `.foreignJournal`, `.diskFull`, `.cannotOpen`.
    package init(directory: String, capacity: Int, isShared: Bool = false) throws(LedgerError) {
        self.capacity = min(max(1, capacity), Self.mostSlots)
        folder = JournalFolder(directory: directory)
        file = try folder.open(
            capacity: JournalFile.headerBytes + self.capacity * JournalLayout.current.byteCount, isShared: isShared)
    }

    /// Reads the records that an earlier process left in this journal. Call it before `start`.
    func leftovers() -> Leftovers { Leftovers(file) }

    /// Opens the journals of other processes that have ended. Returns true beside them where others live.
    func orphans() throws(LedgerError) -> (files: [JournalFile], othersLive: Bool) { try folder.orphans(besides: file) }

    /// Gives the file to the next process, unless a slot is taken: its record then stays until this process has ended.
    func close() {
        slots.withLock { slots in
            guard !slots.isClosed, slots.free.count == slots.count else { return }
            slots.isClosed = true
            file.unlock()
        }
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
    subscript(number: Int) -> JournalSlot {
        JournalSlot(at: file.memory(at: JournalFile.headerBytes + number * JournalLayout.current.byteCount))
    }

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
            guard !slots.isClosed else { return nil }
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
}
