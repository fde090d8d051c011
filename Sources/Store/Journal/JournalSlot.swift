import Clocks
import Policy
import Synchronization

/// One request in the journal: a part of the mapped file, in words of the machine. `JournalLayout` has the places.
///
/// The process can die between any two stores. So no store overwrites facts that hold: the facts have two halves, and a
/// change writes the half that does not hold. Then one store of the first word, the state, switches to it.
///
/// Sound: `start` points to a slot within the mapping, which outlives the slot's users. A slot has one writer at a time, the
/// holder of its number. Recovery reads before the first writer exists.
struct JournalSlot {
    /// The state word; the raw value is the stored word.
    private enum State: UInt64 {
        case free, openFirst, openSecond, finishedFirst, finishedSecond

        var holdsSecondHalf: Bool { self == .openSecond || self == .finishedSecond }
        var isFinished: Bool { self == .finishedFirst || self == .finishedSecond }
    }

    /// The status of a request that had no response when the process died: 500 (Internal Server Error).
    private static let statusWithoutResponse = 500

    private let start: UnsafeMutableRawPointer

    /// The slot at `start`, a multiple of 8.
    init(at start: UnsafeMutableRawPointer) { self.start = start }

    // Sound: the word at `start` is aligned and in the mapped file; `state` and `setState` alone touch it, both atomically.
    private var state: State? {
        State(rawValue: start.assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(ordering: .acquiring))
    }

    /// Stores the state. The releasing order keeps all earlier stores before it.
    private func setState(_ state: State) {
        start.assumingMemoryBound(to: Atomic<UInt64>.self).pointee.store(state.rawValue, ordering: .releasing)
    }

    private func store(_ value: Int64, _ word: Int) {
        start.storeBytes(of: value, toByteOffset: word &* 8, as: Int64.self)
    }
    private func store(_ value: UInt64, _ word: Int) {
        start.storeBytes(of: value, toByteOffset: word &* 8, as: UInt64.self)
    }
    private func load(_ word: Int) -> Int64 { start.load(fromByteOffset: word * 8, as: Int64.self) }
    private func load(_ word: Int) -> UInt64 { start.load(fromByteOffset: word * 8, as: UInt64.self) }
}

// MARK: Writing

extension JournalSlot {
    /// Writes a request that begins. The slot is free.
    func begin(_ record: borrowing UsageRecord) {
        writeBeginning(record)
        setState(.openFirst)
    }

    /// Writes the progress of an open request, which counts against limits if it did so before.
    func progress(_ progress: UsageProgress) {
        let second = !(state?.holdsSecondHalf ?? true)
        let startedAt = Timestamp(microseconds: load(3))
        let layout = JournalLayout.current
        let last: UInt64 = load((second ? layout.halves.first : layout.halves.second) &+ layout.facts &+ 5)
        let counts = progress.countsAsRequest || Flags.countsAsRequest(bits: UInt32(truncatingIfNeeded: last >> 32))
        writeFacts(progress, .interrupted, .gatewayDied, endedAt: startedAt, counts: counts, toSecond: second)
        setState(second ? .openSecond : .openFirst)
    }

    /// Writes the final record of an open request.
    func finish(_ record: borrowing UsageRecord) {
        let second = !(state?.holdsSecondHalf ?? true)
        writeFacts(record, toSecond: second)
        writeResponse(record)
        setState(second ? .finishedSecond : .finishedFirst)
    }

    /// Writes a request that begins and ends at once. The slot is free.
    func write(finished record: borrowing UsageRecord) {
        writeBeginning(record)
        writeResponse(record)
        setState(.finishedFirst)
    }

    /// Forgets the request.
    func free() { setState(.free) }

    private func writeBeginning(_ record: borrowing UsageRecord) {
        store(record.id.high, 1)
        store(record.id.low, 2)
        store(record.startedAt.microseconds, 3)
        writeFacts(record, toSecond: false)
        let layout = JournalLayout.current
        var text = TextWriter(start + layout.identity)
        text.append(record.keyID, TextBound.keyID)
        text.append(record.team, layout.teamBytes)
        text.append(record.user, TextBound.user)
        text.append(UsageTags.text(record.tags), TextBound.tags)
        text.append(record.endpoint, TextBound.endpoint)
        text.append(record.modelAsked, layout.modelBytes)
        text.append(record.modelServed, layout.modelBytes)
    }

    private func writeResponse(_ record: borrowing UsageRecord) {
        var text = TextWriter(start + JournalLayout.current.response)
        text.append(record.upstreamID, TextBound.upstreamID)
        text.append(record.backend, TextBound.backend)
        text.append(record.cause?.rawValue, TextBound.cause)
        text.append(record.refusedBy?.description, TextBound.limit)
    }

    private func writeFacts(_ record: borrowing UsageRecord, toSecond: Bool) {
        writeFacts(
            UsageProgress(record), record.exactness, record.ending, endedAt: record.endedAt,
            counts: record.countsAsRequest, toSecond: toSecond)
    }

    private func writeFacts(
        _ progress: UsageProgress, _ exactness: Exactness, _ ending: Ending, endedAt: Timestamp, counts: Bool,
        toSecond: Bool
    ) {
        let layout = JournalLayout.current
        let half = toSecond ? layout.halves.second : layout.halves.first
        for place in progress.units.amounts.indices {
            store(progress.units.amounts[place], half &+ layout.units &+ place)
        }
        let word = half &+ layout.facts
        store(progress.cost.amount, word)
        store(progress.firstByteAt?.microseconds ?? .min, word &+ 1)
        store(endedAt.microseconds, word &+ 2)
        store(progress.requestBytes, word &+ 3)
        store(progress.responseBytes, word &+ 4)
        let flags = Flags(
            exactness: exactness, ending: ending, streamed: progress.streamed, countsAsRequest: counts)
        store(UInt64(flags.bits) << 32 | UInt64(UInt32(truncatingIfNeeded: progress.status)), word &+ 5)
    }
}

// MARK: Reading

extension JournalSlot {
    /// The content of a slot.
    enum Content: Equatable {
        case nothing
        /// The final record of a finished request.
        case finished(UsageRecord)
        /// The last known record of an open request.
        case interrupted(UsageRecord)
        /// Bytes that no version wrote: damage.
        case unreadable
    }

    /// Reads the slot. It must have no writer.
    func content(in layout: JournalLayout) -> Content {
        guard let state else { return .unreadable }
        guard state != .free else { return .nothing }
        let half = state.holdsSecondHalf ? layout.halves.second : layout.halves.first
        guard var record = beginning(in: layout), readFacts(into: &record, half, layout) else { return .unreadable }
        guard state.isFinished else {
            record.exactness = .interrupted
            record.ending = .gatewayDied
            record.cause = .gatewayDied
            if record.status == 0 { record.status = Self.statusWithoutResponse }
            return .interrupted(record)
        }
        var text = TextReader(start + layout.response)
        record.upstreamID = text.next(TextBound.upstreamID)
        record.backend = text.next(TextBound.backend)
        if layout.hasCause {
            record.cause = text.next(TextBound.cause).flatMap(Cause.init)
            record.refusedBy = text.next(TextBound.limit).flatMap(LimitName.init)
        }
        return text.isSound ? .finished(record) : .unreadable
    }

    /// The progress of an open request. For the slot's writer.
    var progress: UsageProgress? {
        let layout = JournalLayout.current
        guard let state, !state.isFinished, state != .free else { return nil }
        // The facts are those of a record, of which nothing else is read.
        var record = UsageRecord(
            id: RequestID(high: load(1), low: load(2)), keyID: "", team: nil, endpoint: "",
            startedAt: Timestamp(microseconds: load(3)))
        let half = state.holdsSecondHalf ? layout.halves.second : layout.halves.first
        return readFacts(into: &record, half, layout) ? UsageProgress(record) : nil
    }

    private func beginning(in layout: JournalLayout) -> UsageRecord? {
        var text = TextReader(start + layout.identity)
        let keyID = text.next(TextBound.keyID)
        let team = text.next(layout.teamBytes)
        let user = text.next(TextBound.user)
        let tags = text.next(TextBound.tags)
        guard let keyID, let endpoint = text.next(TextBound.endpoint) else { return nil }
        var record = UsageRecord(
            id: RequestID(high: load(1), low: load(2)), keyID: keyID, team: team, endpoint: endpoint,
            startedAt: Timestamp(microseconds: load(3)))
        record.user = user
        record.tags = UsageTags.list(tags)
        record.modelAsked = text.next(layout.modelBytes)
        record.modelServed = text.next(layout.modelBytes)
        return text.isSound ? record : nil
    }

    private func readFacts(into record: inout UsageRecord, _ half: Int, _ layout: JournalLayout) -> Bool {
        // A slot of an older version has zeros in place of newer units.
        for unit in Unit.allCases where unit.rawValue < layout.unitCount {
            record.units[unit] = load(half + layout.units + unit.rawValue)
        }
        let word = half + layout.facts
        record.cost = NanoEuros(load(word))
        let firstByteAt: Int64 = load(word + 1)
        record.firstByteAt = firstByteAt == .min ? nil : Timestamp(microseconds: firstByteAt)
        record.endedAt = Timestamp(microseconds: load(word + 2))
        record.requestBytes = load(word + 3)
        record.responseBytes = load(word + 4)
        let last: UInt64 = load(word + 5)
        record.status = Int(Int32(truncatingIfNeeded: last))
        guard let flags = Flags(bits: UInt32(truncatingIfNeeded: last >> 32)) else { return false }
        record.streamed = flags.streamed
        record.exactness = flags.exactness
        record.ending = flags.ending
        // As in the ledger, older requests count. Refused ones are known not to.
        record.countsAsRequest = layout.hasCountFlag ? flags.countsAsRequest : flags.ending != .refused
        return true
    }
}
