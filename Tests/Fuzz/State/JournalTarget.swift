import Fuzzing
import Policy

@testable import Store

/// Slots of the journal: every slot is nothing, a record or damage. A record is read as it was written.
extension FuzzTarget {
    static let journal = FuzzTarget("journal") { data, count in
        examine(data, count) { bytes in
            let memory = SlotMemory()
            for layout in [JournalLayout.first, .current] {
                memory.fill(bytes, layout)
                let slot = memory.slot(.current)
                switch memory.slot(layout).content(in: layout) {
                case .nothing, .unreadable: break
                case .finished(let record):
                    memory.clear()
                    slot.write(finished: record)
                    // Damaged text may have been repaired, or cut to its bound. What was read once does not change again.
                    guard case .finished(let again) = slot.content(in: .current) else {
                        return require(false, "a finished record is read as finished")
                    }
                    memory.clear()
                    slot.write(finished: again)
                    require(
                        slot.content(in: .current) == .finished(again), "a finished record is read as it was written")
                case .interrupted(let record):
                    memory.clear()
                    slot.begin(record)
                    slot.progress(UsageProgress(record))
                    if case .interrupted = slot.content(in: .current) { break }
                    require(false, "an open record is read as it was written")
                }
            }
        }
    }
}

/// The memory of one slot, with nothing after it: the sanitizer sees every access beyond its end.
///
/// Sound: the memory belongs to the object, and is as large as the larger of the two layouts' slots.
private final class SlotMemory {
    private static let byteCount = JournalLayout.current.byteCount
    private let start = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 8)

    deinit { start.deallocate() }

    /// The slot of `layout` at the end of the memory.
    func slot(_ layout: JournalLayout) -> JournalSlot { JournalSlot(at: start + (Self.byteCount - layout.byteCount)) }

    func clear() { start.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount) }

    /// Writes as many of `bytes` to the slot of `layout` as it has room for.
    func fill(_ bytes: Span<UInt8>, _ layout: JournalLayout) {
        clear()
        let slot = start + (Self.byteCount - layout.byteCount)
        for index in 0..<min(layout.byteCount, bytes.count) {
            slot.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self)
        }
    }
}
