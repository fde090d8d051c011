import Clocks
import Policy
import Synchronization

/// One request in the journal: 1024 bytes of the mapped file, in words of the machine.
///
/// The process can die between any two stores. So nothing that holds is ever written over: the facts have two halves, and
/// the one that does not hold is written; then a single store of the first word, the state, makes it the one that holds.
///
///     word 0        state: free, open or finished, and which half holds
///     words 1, 2    id          word 3   start
///     words 4–17    facts, first half: units, cost, times, bytes, status and how it ended
///     words 18–31   facts, second half
///     bytes 256–811 key, team, user, tags, endpoint, models: each a byte with its length (255: nil), then UTF-8
///     bytes 812–    the upstream's id and backend, in the same form, written at the end
struct JournalSlot {
    static let byteCount = 1024

    /// The most bytes of UTF-8 of each text, in the order of the slot. What is longer is cut, and the row of a request that the
    /// process did not survive has it cut; the row of every other request is written from memory, whole.
    private enum Bound {
        static let keyID = 32
        static let team = 64
        static let user = 128
        static let tags = UsageTags.byteLimit
        static let endpoint = 32
        static let model = 80
        static let upstreamID = 64
        static let backend = 128
    }

    private static let identityOffset = 256
    private static let answerOffset = 812
    private static let factsWords = [4, 18]

    /// What the state word says; its raw value is the word.
    private enum State: UInt64 {
        case free, openFirst, openSecond, finishedFirst, finishedSecond

        /// Which half of the facts holds.
        var half: Int {
            switch self {
            case .free, .openFirst, .finishedFirst: 0
            case .openSecond, .finishedSecond: 1
            }
        }

        var isFinished: Bool { self == .finishedFirst || self == .finishedSecond }
    }

    private let start: UnsafeMutableRawPointer

    /// The slot at `start`, which lies on a multiple of its size.
    init(at start: UnsafeMutableRawPointer) { self.start = start }

    // MARK: Writing

    /// Notes a request that begins. The slot is free.
    func begin(_ record: borrowing UsageRecord) {
        writeBeginning(record)
        setState(.openFirst)
    }

    /// Notes what was seen until now. The slot is open.
    func progress(_ progress: UsageProgress) {
        let half = 1 - (state?.half ?? 0)
        let startedAt = Timestamp(microseconds: load(3))
        writeFacts(progress, .interrupted, .gatewayDied, endedAt: startedAt, half: half)
        setState(half == 0 ? .openFirst : .openSecond)
    }

    /// Notes the final record. The slot is open.
    func finish(_ record: borrowing UsageRecord) {
        let half = 1 - (state?.half ?? 0)
        writeFacts(record, half: half)
        writeAnswer(record)
        setState(half == 0 ? .finishedFirst : .finishedSecond)
    }

    /// Notes a request that begins and ends at once. The slot is free.
    func write(finished record: borrowing UsageRecord) {
        writeBeginning(record)
        writeAnswer(record)
        setState(.finishedFirst)
    }

    /// Forgets the request.
    func free() { setState(.free) }

    private func writeBeginning(_ record: borrowing UsageRecord) {
        store(record.id.high, 1)
        store(record.id.low, 2)
        store(record.startedAt.microseconds, 3)
        writeFacts(record, half: 0)
        var text = TextWriter(start + Self.identityOffset)
        text.append(record.keyID, Bound.keyID)
        text.append(record.team, Bound.team)
        text.append(record.user, Bound.user)
        text.append(record.tags.isEmpty ? nil : record.tags.joined(separator: ","), Bound.tags)
        text.append(record.endpoint, Bound.endpoint)
        text.append(record.modelAsked, Bound.model)
        text.append(record.modelServed, Bound.model)
    }

    private func writeAnswer(_ record: borrowing UsageRecord) {
        var text = TextWriter(start + Self.answerOffset)
        text.append(record.upstreamID, Bound.upstreamID)
        text.append(record.backend, Bound.backend)
    }

    private func writeFacts(_ record: borrowing UsageRecord, half: Int) {
        writeFacts(UsageProgress(record), record.exactness, record.ending, endedAt: record.endedAt, half: half)
    }

    private func writeFacts(
        _ progress: UsageProgress, _ exactness: Exactness, _ ending: Ending, endedAt: Timestamp, half: Int
    ) {
        let word = Self.factsWords[half]
        store(progress.units.inputTokens, word)
        store(progress.units.outputTokens, word + 1)
        store(progress.units.reasoningTokens, word + 2)
        store(progress.units.cachedTokens, word + 3)
        store(progress.units.audioMinutes, word + 4)
        store(progress.units.characters, word + 5)
        store(progress.units.images, word + 6)
        store(progress.units.searchUnits, word + 7)
        store(progress.cost.amount, word + 8)
        store(progress.firstByteAt?.microseconds ?? .min, word + 9)
        store(endedAt.microseconds, word + 10)
        store(progress.requestBytes, word + 11)
        store(progress.responseBytes, word + 12)
        let flags = UInt64(exactness.code) | UInt64(ending.code) << 8 | (progress.streamed ? 1 << 16 : 0)
        store(flags << 32 | UInt64(UInt32(truncatingIfNeeded: progress.status)), word + 13)
    }

    // MARK: Reading

    /// What a slot holds.
    enum Content: Equatable {
        case nothing
        /// The final record.
        case finished(UsageRecord)
        /// What was seen of a request that did not end.
        case interrupted(UsageRecord)
        /// Something that nobody has written here.
        case unreadable
    }

    /// What the slot holds, nobody writing to it.
    var content: Content {
        guard let state else { return .unreadable }
        guard state != .free else { return .nothing }
        guard var record = beginning, readFacts(into: &record, half: state.half) else { return .unreadable }
        guard state.isFinished else {
            record.exactness = .interrupted
            record.ending = .gatewayDied
            return .interrupted(record)
        }
        var text = TextReader(start + Self.answerOffset)
        record.upstreamID = text.next(Bound.upstreamID)
        record.backend = text.next(Bound.backend)
        return text.isSound ? .finished(record) : .unreadable
    }

    private var beginning: UsageRecord? {
        var text = TextReader(start + Self.identityOffset)
        let keyID = text.next(Bound.keyID)
        let team = text.next(Bound.team)
        let user = text.next(Bound.user)
        let tags = text.next(Bound.tags)
        guard let keyID, let endpoint = text.next(Bound.endpoint) else { return nil }
        var record = UsageRecord(
            id: RequestID(high: load(1), low: load(2)), keyID: keyID, team: team, endpoint: endpoint,
            startedAt: Timestamp(microseconds: load(3)))
        record.user = user
        record.tags = tags.map { $0.split(separator: ",").map(String.init) } ?? []
        record.modelAsked = text.next(Bound.model)
        record.modelServed = text.next(Bound.model)
        return text.isSound ? record : nil
    }

    private func readFacts(into record: inout UsageRecord, half: Int) -> Bool {
        let word = Self.factsWords[half]
        record.units.inputTokens = load(word)
        record.units.outputTokens = load(word + 1)
        record.units.reasoningTokens = load(word + 2)
        record.units.cachedTokens = load(word + 3)
        record.units.audioMinutes = load(word + 4)
        record.units.characters = load(word + 5)
        record.units.images = load(word + 6)
        record.units.searchUnits = load(word + 7)
        record.cost = NanoEuros(load(word + 8))
        let firstByteAt: Int64 = load(word + 9)
        record.firstByteAt = firstByteAt == .min ? nil : Timestamp(microseconds: firstByteAt)
        record.endedAt = Timestamp(microseconds: load(word + 10))
        record.requestBytes = load(word + 11)
        record.responseBytes = load(word + 12)
        let flags: UInt64 = load(word + 13)
        record.status = Int(Int32(truncatingIfNeeded: flags))
        record.streamed = flags >> 48 & 1 == 1
        guard
            let exactness = Exactness.allCases.first(where: { $0.code == UInt8(truncatingIfNeeded: flags >> 32) }),
            let ending = Ending.allCases.first(where: { $0.code == UInt8(truncatingIfNeeded: flags >> 40) })
        else { return false }
        record.exactness = exactness
        record.ending = ending
        return true
    }

    // MARK: Words

    private var state: State? {
        State(rawValue: start.assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(ordering: .acquiring))
    }

    /// The one store that makes what was written before it hold: it must not be moved ahead of that.
    private func setState(_ state: State) {
        start.assumingMemoryBound(to: Atomic<UInt64>.self).pointee.store(state.rawValue, ordering: .releasing)
    }

    private func store(_ value: Int64, _ word: Int) {
        start.storeBytes(of: value, toByteOffset: word * 8, as: Int64.self)
    }
    private func store(_ value: UInt64, _ word: Int) {
        start.storeBytes(of: value, toByteOffset: word * 8, as: UInt64.self)
    }
    private func load(_ word: Int) -> Int64 { start.load(fromByteOffset: word * 8, as: Int64.self) }
    private func load(_ word: Int) -> UInt64 { start.load(fromByteOffset: word * 8, as: UInt64.self) }
}
