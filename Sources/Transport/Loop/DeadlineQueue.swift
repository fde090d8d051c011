import Clocks
import HeapModule

/// The deadlines of a loop, by descriptor number, the earliest first.
///
/// Most waits end long before their deadline. So an entry stays when its wait ends or a later wait begins, and when its moment
/// comes the loop asks the socket whether it is late. Only an earlier deadline makes a new entry.
struct DeadlineQueue {
    private struct Entry: Comparable {
        let moment: MonotonicTime
        let descriptor: Int32

        static func < (left: Entry, right: Entry) -> Bool { left.moment < right.moment }
    }

    private var entries = Heap<Entry>()
    /// The moment of the earliest entry of each descriptor; `never` without one.
    private var earliest: ContiguousArray<MonotonicTime> = []

    /// The earliest moment at which a descriptor may be late; `never` without deadlines.
    private(set) var first = MonotonicTime.never

    /// Returns `descriptor` from `popExpired` at `moment` or earlier.
    mutating func insert(_ moment: MonotonicTime, for descriptor: Int32) {
        let index = Int(descriptor)
        while earliest.count <= index { earliest.append(.never) }
        guard moment < earliest[index] else { return }
        earliest[index] = moment
        entries.insert(Entry(moment: moment, descriptor: descriptor))
        first = min(first, moment)
    }

    /// Removes the next descriptor that may be late at `now`; nil when there is none. Its own deadline can be later: ask it.
    mutating func popExpired(at now: MonotonicTime) -> Int32? {
        while first <= now, let entry = entries.popMin() {
            first = entries.min?.moment ?? .never
            let index = Int(entry.descriptor)
            // An earlier deadline of the same descriptor replaced the others.
            guard entry.moment == earliest[index] else { continue }
            earliest[index] = .never
            return entry.descriptor
        }
        return nil
    }
}
