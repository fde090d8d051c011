import Bytes
import Scanners

/// Looks on at an answer of server-sent events and decides what of it goes to the caller.
///
/// Whole events are passed on, one for each of the upstream's; never one cut in two unless it is larger than the limit. Where
/// the gateway asked for usage on its own account, what the caller did not ask for is taken out: the event with the usage and
/// no choices, and the member `usage` in every other. Every other byte is the upstream's.
package final class EventStreamTransform {
    /// The largest document that is remembered.
    private static let patternLimit = 2048

    private let reader: EventReader
    private let hidesUsage: Bool
    private let eventLimit: Int
    /// The last document with text, and what of it was not for the caller. Nearly all others differ from it in their text alone.
    private var pattern = JSONTextPattern()
    private var patternRemoval: Range<Int>?
    private var boundaries = EventBoundaryScanner()
    /// The beginning of an event whose end has not come yet.
    private var held: [UInt8] = []
    /// An event larger than the limit is being passed on as it comes.
    private var isPassingThrough = false
    /// The last event was taken out.
    private var tookOutLast = false
    /// The last event ended with a CR that was the last byte there was: an LF still belongs to it.
    private var awaitsLineFeed = false

    /// What is known so far. The usage is the last one that was stated.
    package private(set) var facts = ResponseMetadata()
    /// What of it is counted, without the rest.
    package var amounts: ResponseCounters { facts.amounts }
    /// Whether the event `[DONE]` has passed, at which the SDKs stop reading.
    package private(set) var sawDone = false
    /// Whether an event with an `error` has passed.
    package var sawError: Bool { facts.isError }
    /// Events with data that have passed, those taken out and `[DONE]` among them.
    package private(set) var events = 0
    /// Whether there was such an event, or the beginning of one that is larger than the limit.
    package private(set) var hasSeenEvent = false
    /// Bytes held back until their event is whole.
    package var heldBytes: Int { held.count }
    /// Whether what was passed on ends with a whole event, so that one of the gateway's own may follow.
    package var isBetweenEvents: Bool { !isPassingThrough }

    /// - Parameters:
    ///   - endpoint: whose answer it is.
    ///   - readers: those of the event loop on which the relay is used.
    ///   - hidesUsage: whether the gateway asked for usage and the caller did not.
    ///   - eventLimit: the most bytes of an event that are held; a larger event is passed on as it comes, unread.
    package init(endpoint: Endpoint, readers: EventReaders, hidesUsage: Bool, eventLimit: Int = 262_144) {
        reader = readers.reader(for: endpoint)
        self.hidesUsage = hidesUsage
        self.eventLimit = eventLimit
    }

    /// Takes `bytes` in and appends to `output` what is to be sent now.
    package func relay(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        guard bytes.count > 0 else { return }
        var position = takeLineFeed(bytes, to: &output)
        if isPassingThrough || !held.isEmpty {
            guard let end = boundaries.nextEnd(in: bytes, from: 0) else { return hold(bytes, to: &output) }
            if isPassingThrough {
                output.append(bytes.extracting(0..<end))
                isPassingThrough = false
                tookOutLast = false
            } else {
                held.append(bytes.extracting(0..<end))
                relayHeld(to: &output)
            }
            position = end
        }
        // Neighbours that pass unchanged are copied in one go.
        var start = position
        while let end = boundaries.nextEnd(in: bytes, from: position) {
            if let cut = look(at: bytes.extracting(position..<end)) {
                output.append(bytes.extracting(start..<position + cut.lowerBound))
                start = position + cut.upperBound
            }
            position = end
        }
        output.append(bytes.extracting(start..<position))
        if position == bytes.count {
            awaitsLineFeed = bytes[position - 1] == UInt8(ascii: "\r")
        } else {
            hold(bytes.extracting(position..<bytes.count), to: &output)
        }
    }

    /// Takes the LF of a CR LF that was cut in two, which goes where its event went.
    ///
    /// - Returns: how many bytes it takes.
    private func takeLineFeed(_ bytes: Span<UInt8>, to output: inout [UInt8]) -> Int {
        guard awaitsLineFeed else { return 0 }
        awaitsLineFeed = false
        guard bytes[0] == UInt8(ascii: "\n") else { return 0 }
        _ = boundaries.nextEnd(in: bytes.extracting(0..<1), from: 0)
        if !tookOutLast { output.append(bytes[0]) }
        return 1
    }

    /// The upstream has ended cleanly: what is held is passed on.
    package func finish(to output: inout [UInt8]) {
        if !held.isEmpty { relayHeld(to: &output) }
    }

    /// Takes in what begins an event, or goes on with it.
    private func hold(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        guard !isPassingThrough else { return output.append(bytes) }
        if held.count + bytes.count <= eventLimit { return held.append(bytes) }
        output.append(contentsOf: held)
        output.append(bytes)
        held = []
        isPassingThrough = true
        hasSeenEvent = true
    }

    private func relayHeld(to output: inout [UInt8]) {
        // Taken out, so that its span does not bar the way to the rest of the relay.
        var event: [UInt8] = []
        swap(&event, &held)
        if let cut = look(at: event.span) {
            output.append(event.span.extracting(0..<cut.lowerBound))
            output.append(event.span.extracting(cut.upperBound..<event.count))
        } else {
            output.append(contentsOf: event)
        }
        event.removeAll(keepingCapacity: true)
        swap(&event, &held)
    }

    /// Notes what `event` says.
    ///
    /// - Returns: the part of it that is not for the caller; nil where there is none.
    private func look(at event: Span<UInt8>) -> Range<Int>? {
        let cut = findCut(in: event)
        tookOutLast = cut?.count == event.count
        return cut
    }

    private func findCut(in event: Span<UInt8>) -> Range<Int>? {
        let fields = EventFields(event)
        guard fields.dataLines > 0 else { return nil }
        guard event.count <= eventLimit else {
            hasSeenEvent = true
            return nil
        }
        if let range = fields.data {
            let cut = read(event.extracting(range))
            switch cut {
            case .nothing: return nil
            case .event: return 0..<event.count
            case .member(let member): return member.lowerBound + range.lowerBound..<member.upperBound + range.lowerBound
            }
        }
        let joined = fields.joinedData(of: event)
        if case .event = read(joined.span) { return 0..<event.count }
        return nil
    }

    private enum Cut { case nothing, event, member(Range<Int>) }

    /// Notes what the `data` of an event says, and what of it is to be taken out.
    private func read(_ data: Span<UInt8>) -> Cut {
        guard data.count > 0 else { return .nothing }
        events += 1
        hasSeenEvent = true
        if let text = pattern.text(in: data) {
            facts.amounts.addDelta(scalars: text.scalars, utf8Bytes: text.utf8Bytes)
            return patternRemoval.map { .member(pattern.position(of: $0, beside: text)) } ?? .nothing
        }
        if data.equals("[DONE]") {
            sawDone = true
            return .nothing
        }
        reader.scanner.reset()
        do throws(JSONError) {
            try reader.scanner.scan(data)
            try reader.scanner.finish()
        } catch {
            return .nothing
        }
        let isOnlyText = takeFacts(data)
        let cut = hidesUsage && !reader.paths.isError(reader.scanner) ? cut() : .nothing
        if isOnlyText { remember(data, cut) }
        return cut
    }

    /// Notes what the document in the reader says.
    ///
    /// - Returns: whether that is text and nothing else, besides what others of the stream say as well.
    private func takeFacts(_ data: Span<UInt8>) -> Bool {
        let paths = reader.paths
        if facts.id == nil || facts.model == nil { facts.takeNames(from: reader.scanner) }
        if facts.backend == nil, reader.scanner.kind(ResponsePaths.backend) == .object,
            let range = reader.scanner.found(ResponsePaths.backend)?.range
        {
            facts.takeBackend(data.extracting(range))
        }
        let usage = paths.usage(in: reader.scanner)
        if let usage, usage.isStated || facts.amounts.usage == nil { facts.amounts.usage = usage }
        let isError = paths.isError(reader.scanner)
        if isError { facts.isError = true }
        facts.amounts.images += paths.images(in: reader.scanner)
        let content = paths.content(of: reader.scanner)
        facts.amounts.addDelta(scalars: content.scalars, utf8Bytes: content.utf8Bytes)
        return usage == nil && !isError && content.utf8Bytes > 0
    }

    /// What is not for the caller, of an event that may state usage.
    private func cut() -> Cut {
        guard let usage = reader.scanner.found(ResponsePaths.usage) else { return .nothing }
        if usage.kind == .object {
            guard let choices = reader.scanner.found(ResponsePaths.choices) else { return .event }
            if choices.kind == .array, choices.contentIsEmpty { return .event }
        }
        return usage.removal.map { .member($0) } ?? .nothing
    }

    /// Remembers `data`, whose text is all that it says, where that is one string.
    private func remember(_ data: Span<UInt8>, _ cut: Cut) {
        let removal: Range<Int>?
        switch cut {
        case .nothing: removal = nil
        case .member(let member): removal = member
        case .event: return
        }
        guard data.count <= Self.patternLimit, let text = reader.paths.onlyText(of: reader.scanner),
            pattern.remember(data, text: text)
        else { return }
        patternRemoval = removal
    }
}
