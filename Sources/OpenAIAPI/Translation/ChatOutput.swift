import Bytes
import Scanners

/// A part of the model's output.
package enum ChatOutputPart: Equatable {
    case reasoning
    case text
    case refusal
    /// A call of a tool. Both are the contents of JSON strings.
    case call(id: [UInt8], name: [UInt8])
}

/// Receives the parts of a model's output one after the other: `start`, then `begin`, any number of `append`, `end` for each.
package protocol ChatOutputSink: AnyObject {
    /// Begins the response, at its first chunk.
    func start()
    func begin(_ part: ChatOutputPart)
    /// Appends to the part that began last. `text` is the content of a JSON string, never empty, without cut surrogate pairs.
    func append(_ text: Span<UInt8>)
    func end(_ part: ChatOutputPart)
}

/// Brings the deltas of a chat completion into an order in which one part ends before the next begins.
///
/// The first part passes as it comes. A part that begins before the one in front of it has ended is held: fragments of parallel
/// calls may be mixed. Text and reasoning end when something else begins; a call when its arguments are complete and
/// something else has begun; all at the end.
package struct ChatOutput {
    /// A delta's place in the chat's output.
    enum Place: Equatable {
        case reasoning, text, refusal
        case call(index: Int64)
    }

    fileprivate struct Entry {
        let place: Place
        /// Set once the part has begun.
        var part: ChatOutputPart?
        var callID: [UInt8] = []
        var name: [UInt8] = []
        /// Text that was not passed on, because the part has not begun.
        var held: [UInt8] = []
        /// The escape of a high surrogate at the end of the last delta, whose partner may be in the next one.
        var surrogate: [UInt8] = []
        var arguments = ArgumentsBalance()

        init(_ place: Place) { self.place = place }
    }

    /// The parts that have not ended, in the order of their beginnings. The first one can have begun.
    private var entries: [Entry] = []
    /// The ids of calls that have ended, by their index: what follows belongs to none.
    private var endedCalls: [Int64: [UInt8]] = [:]
    /// The number of calls so far.
    private var callCount: Int64 = 0
    /// The unique part of the ids of calls that the upstream gave none.
    private let id: String
    /// Bytes that are held.
    private var heldCount = 0
    /// The most bytes that are held.
    private let limit: Int
    /// The most parts that have not ended.
    private static let entryLimit = 1024
    /// More than `limit` bytes or `entryLimit` parts would have to be held. What followed is lost.
    private(set) var isOverLimit = false
    /// The output has a call of a tool.
    private(set) var hasCalls = false

    init(id: String, limit: Int) {
        self.id = id
        self.limit = limit
    }

    /// Adds a delta of text. `content` is that of a JSON string.
    mutating func add(_ content: Span<UInt8>, to place: Place, hasEscapes: Bool, _ sink: any ChatOutputSink) {
        guard content.count > 0 else { return }
        let isOpen = entries.last?.place == place
        guard let index = isOpen ? entries.indices.last : open(place) else { return }
        append(content, hasEscapes: hasEscapes, at: index, sink)
        advance(sink)
    }

    /// Adds a fragment of a call.
    ///
    /// - Parameters:
    ///   - call: the object in `tool_calls`.
    ///   - position: its place in that list, where it has no `index`.
    mutating func addCall(_ call: JSONValue, position: Int64, _ sink: any ChatOutputSink) {
        guard let index = indexOfEntry(call, position: position) else { return }
        hasCalls = true
        let function = call["function"]
        if entries[index].callID.isEmpty, let id = call["id"] { entries[index].callID = Array(id.contentBytes) }
        if entries[index].name.isEmpty, let name = function?["name"] { entries[index].name = Array(name.contentBytes) }
        if let arguments = function?["arguments"] { append(arguments: arguments, at: index, sink) }
        advance(sink)
    }

    private mutating func append(arguments: JSONValue, at index: Int, _ sink: any ChatOutputSink) {
        if arguments.kind == .string {
            let content = Array(arguments.contentBytes)
            append(content.span, hasEscapes: arguments.hasEscapes, at: index, sink)
        } else {
            // Some servers send the object itself.
            guard case .generated(let escaped) = ChatText(escaping: arguments.bytes.span) else { return }
            append(escaped.span, hasEscapes: true, at: index, sink)
        }
    }

    /// The entry of a call; nil for one that has ended.
    private mutating func indexOfEntry(_ call: JSONValue, position: Int64) -> Int? {
        let id = call["id"].map { Array($0.contentBytes) } ?? []
        var number = call["index"]?.integer ?? position
        if let index = entries.firstIndex(where: { $0.place == .call(index: number) }) {
            // Some servers give each call the same index, and another id.
            guard !id.isEmpty, !entries[index].callID.isEmpty, entries[index].callID != id else { return index }
            if let other = entries.firstIndex(where: { $0.callID == id }) { return other }
            number = Int64.min + callCount
        } else if let ended = endedCalls[number] {
            guard !id.isEmpty, id != ended, call["function"]?["name"] != nil else { return nil }
            number = Int64.min + callCount
        }
        callCount += 1
        return open(.call(index: number))
    }

    /// Adds an entry, and returns its index; nil if too many parts have not ended.
    private mutating func open(_ place: Place) -> Int? {
        guard entries.count < Self.entryLimit else {
            isOverLimit = true
            return nil
        }
        entries.append(Entry(place))
        return entries.count - 1
    }

    /// Ends all parts.
    mutating func finish(_ sink: any ChatOutputSink) {
        while !entries.isEmpty { endFirst(sink) }
    }

    // MARK: Order

    /// Ends parts that others wait for, and begins the first one.
    private mutating func advance(_ sink: any ChatOutputSink) {
        while entries.count > 1, canEnd(entries[0]) { endFirst(sink) }
        beginFirst(sink, isLast: false)
    }

    private func canEnd(_ entry: Entry) -> Bool {
        if case .call = entry.place { entry.arguments.isComplete && !entry.name.isEmpty } else { true }
    }

    private mutating func endFirst(_ sink: any ChatOutputSink) {
        beginFirst(sink, isLast: true)
        let entry = entries.removeFirst()
        if !entry.surrogate.isEmpty { sink.append(Self.replacement.span) }
        if case .call(let index) = entry.place { endedCalls[index] = entry.callID }
        if let part = entry.part { sink.end(part) }
    }

    /// Begins the first part, as soon as its name is known if it is a call.
    private mutating func beginFirst(_ sink: any ChatOutputSink, isLast: Bool) {
        guard let entry = entries.first, entry.part == nil else { return }
        let part: ChatOutputPart
        switch entry.place {
        case .reasoning: part = .reasoning
        case .text: part = .text
        case .refusal: part = .refusal
        case .call:
            guard isLast || !entry.name.isEmpty else { return }
            part = .call(id: entry.callID.isEmpty ? nextCallID() : entry.callID, name: entry.name)
        }
        entries[0].part = part
        sink.begin(part)
        var held: [UInt8] = []
        swap(&held, &entries[0].held)
        heldCount -= held.count
        if !held.isEmpty { sink.append(held.span) }
    }

    /// An id for a call that the upstream gave none.
    private func nextCallID() -> [UInt8] { Array("call_\(id)_\(endedCalls.count)".utf8) }

    // MARK: Text

    private static let replacement = Array("\u{FFFD}".utf8)

    private mutating func append(_ content: Span<UInt8>, hasEscapes: Bool, at index: Int, _ sink: any ChatOutputSink) {
        guard content.count > 0 else { return }
        guard hasEscapes || !entries[index].surrogate.isEmpty else {
            entries[index].count(content, isDecoded: true)
            return pass(content, at: index, sink)
        }
        let joined = entries[index].joined(content)
        entries[index].count(joined.span, isDecoded: false)
        pass(joined.span, at: index, sink)
    }

    private mutating func pass(_ content: Span<UInt8>, at index: Int, _ sink: any ChatOutputSink) {
        guard content.count > 0 else { return }
        if index == 0, entries[0].part != nil { return sink.append(content) }
        guard content.count <= limit - heldCount else {
            isOverLimit = true
            return
        }
        heldCount += content.count
        entries[index].held.append(content)
    }
}

extension ChatOutput.Entry {
    /// `content` after the surrogate of the last delta, without the one at its end. Lone surrogates become U+FFFD.
    fileprivate mutating func joined(_ content: Span<UInt8>) -> [UInt8] {
        var whole = surrogate
        surrogate = []
        whole.append(content)
        if let start = whole.span.startOfLastHighSurrogate() {
            surrogate = Array(whole[start...])
            whole.removeSubrange(start...)
        }
        guard whole.span.hasSurrogateEscape() else { return whole }
        var escaped: [UInt8] = []
        JSONString.appendEscaped(whole.span.decodedJSONText().span, to: &escaped)
        return escaped
    }

    /// Follows the arguments of a call.
    fileprivate mutating func count(_ content: Span<UInt8>, isDecoded: Bool) {
        guard case .call = place else { return }
        if isDecoded { arguments.add(content) } else { arguments.add(content.decodedJSONText().span) }
    }
}
