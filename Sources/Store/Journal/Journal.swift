import Policy
import Synchronization

/// What is in flight, in a small file that is mapped into memory, `DATA/journal`: one slot a request.
///
/// A slot is written with plain stores, without a system call. What was stored is in the file whatever becomes of the
/// process; only a loss of power can take it. A slot is taken when its request begins, and free again once the ledger has the
/// row. One process at a time has the journal.
package final class Journal: Sendable {
    /// Slots by which the file grows, a quarter of a megabyte.
    private static let step = 256

    private struct Slots {
        /// Free ones. The last one used is the first one used again: few pages of the file are ever touched.
        var free: [Int] = []
        /// How many slots the file has.
        var count = 0
        /// Why there is no room for another request, where there is none.
        var refusal: LedgerError?
    }

    private let capacity: Int
    // Sound: its size changes under the lock of `slots` alone, a slot's memory belongs to whoever holds the slot.
    nonisolated(unsafe) private let file: JournalFile
    private let slots = Mutex(Slots())
    /// Says whether `trouble` has to look at all: it is asked for every request.
    private let isFull = Atomic<Bool>(false)
    /// What was found in the journal of a process that did not end in good order.
    struct Leftovers {
        /// Final records that the ledger may or may not have.
        var finished: [UsageRecord] = []
        /// What was seen of requests that did not end.
        var interrupted: [UsageRecord] = []
        /// Slots that hold what nobody has written there: the disk or another program has damaged the file.
        var unreadable = 0
    }

    /// Opens the journal in `directory`, which exists. `capacity` is how many requests it can hold
    /// at once, those under way and those whose rows wait for the ledger: a kilobyte each.
    /// - Throws: `LedgerError.inUse` where another process has it, `.foreignJournal`, `.diskFull`, `.cannotOpen`.
    package init(directory: String, capacity: Int) throws(LedgerError) {
        self.capacity = max(1, capacity)
        file = try JournalFile(directory + "/journal", capacity: Self.bytes(ofSlots: self.capacity))
    }

    /// What an earlier process has left behind. For the time before `start`.
    func leftovers() -> Leftovers {
        var leftovers = Leftovers()
        for slot in 0..<Self.slots(inBytes: file.byteCount) {
            switch self[slot].content {
            case .nothing: break
            case .finished(let record): leftovers.finished.append(record)
            case .interrupted(let record): leftovers.interrupted.append(record)
            case .unreadable: leftovers.unreadable += 1
            }
        }
        return leftovers
    }

    /// Forgets what an earlier process has left, once the ledger has it, and makes room for the first requests.
    func start() throws(LedgerError) {
        try file.shrink(to: JournalFile.headerBytes)
        try slots.withLock { slots throws(LedgerError) in
            slots = Slots()
            try grow(&slots)
        }
    }

    /// Why no further request should be taken: all slots are taken, and the file cannot grow.
    var trouble: String? {
        guard isFull.load(ordering: .relaxed) else { return nil }
        return slots.withLock { $0.refusal?.description }
    }

    /// How many requests are in the journal.
    var count: Int { slots.withLock { $0.count - $0.free.count } }

    /// Notes a request that begins, and says where; nil where there is no room.
    func begin(_ record: borrowing UsageRecord) -> Int? {
        guard let slot = take() else { return nil }
        self[slot].begin(record)
        return slot
    }

    /// Notes a request that is over, and says where; nil where there is no room.
    func write(finished record: borrowing UsageRecord) -> Int? {
        guard let slot = take() else { return nil }
        self[slot].write(finished: record)
        return slot
    }

    /// The slot `number`, which its holder has from `begin` or `write`.
    subscript(number: Int) -> JournalSlot { JournalSlot(at: file.memory(at: Self.bytes(ofSlots: number))) }

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

    private func take() -> Int? {
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
        try file.grow(to: Self.bytes(ofSlots: count))
        slots.free.append(contentsOf: (slots.count..<count).reversed())
        slots.count = count
    }

    /// How long a file with so many slots is; also where the slot of that number begins.
    private static func bytes(ofSlots count: Int) -> Int { JournalFile.headerBytes + count * JournalSlot.byteCount }

    private static func slots(inBytes count: Int) -> Int { (count - JournalFile.headerBytes) / JournalSlot.byteCount }
}
