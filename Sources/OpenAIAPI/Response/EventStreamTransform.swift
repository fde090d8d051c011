import Bytes
import Scanners

/// Reads a response of server-sent events, and decides which of its bytes the client gets.
///
/// Emits whole events, one for each of the upstream's. An event above the limit is emitted in pieces, and read while it
/// passes. If the gateway requested usage on its own account, removes what the client did not request: the event with usage
/// and no choices, and the member `usage` of every other event up to the limit. All other bytes are the upstream's.
package final class EventStreamTransform {
    /// The largest document that is remembered as a pattern.
    private static let patternLimit = 2048

    private let reader: EventReader
    private let hidesUsage: Bool
    private let eventLimit: Int
    /// The last document with text, and the part of it that was removed. Most others differ from it in their text
    /// alone.
    private var pattern = JSONTextPattern()
    private var patternRemoval: Range<Int>?
    private var boundaries = EventBoundaryScanner()
    /// The beginning of an event that has not ended yet.
    private var held: [UInt8] = []
    /// The event larger than the limit that is emitted as it arrives.
    private var large: LargeEvent?
    /// Removed the last event.
    private var removedLast = false
    /// Emitted an event that ended with a CR as the last byte so far: an LF that follows belongs to it.
    private var awaitsLineFeed = false

    /// The metadata of complete events.
    private var known = ResponseMetadata()

    /// The metadata known so far.
    package var metadata: ResponseMetadata {
        var metadata = known
        if let large { metadata.add(event: large.metadata) }
        return metadata
    }
    /// The billable counters alone; cheap, read for every event.
    package var counters: ResponseCounters { large == nil ? known.counters : metadata.counters }
    /// The event `[DONE]` has passed, at which SDKs stop reading.
    package private(set) var sawDone = false
    /// An event with data has passed, or the beginning of one that is larger than the limit.
    package private(set) var hasSeenEvent = false
    /// The output ends with a whole event, so the gateway may append one.
    package var isBetweenEvents: Bool { large == nil }

    /// - Parameters:
    ///   - endpoint: The endpoint of the request.
    ///   - readers: The readers of the event loop on which the transform is used.
    ///   - hidesUsage: The gateway requested usage and the client did not.
    ///   - eventLimit: The most bytes of an event that are held. A larger event is emitted as it arrives.
    package init(endpoint: Endpoint, readers: EventReaders, hidesUsage: Bool, eventLimit: Int = 262_144) {
        reader = readers.reader(for: endpoint)
        self.hidesUsage = hidesUsage
        self.eventLimit = eventLimit
    }

    /// Reads `bytes`, and appends to `output` what the client gets now.
    package func transform(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        guard bytes.count > 0 else { return }
        var position = completeLineEnd(bytes, to: &output)
        if large != nil || !held.isEmpty {
            guard let end = boundaries.nextEnd(in: bytes, from: 0) else { return hold(bytes, to: &output) }
            if let large {
                output.append(bytes.extracting(0..<end))
                readLarge(large, bytes.extracting(0..<end))
                endLarge()
            } else {
                held.append(bytes.extracting(0..<end))
                emitHeld(to: &output)
            }
            position = end
        }
        // Neighbours that pass unchanged are copied together.
        var start = position
        while let end = boundaries.nextEnd(in: bytes, from: position) {
            if let removal = read(event: bytes.extracting(position..<end)) {
                output.append(bytes.extracting(start..<position + removal.lowerBound))
                start = position + removal.upperBound
            }
            position = end
        }
        output.append(bytes.extracting(start..<position))
        if position == bytes.count {
            awaitsLineFeed = bytes[position - 1] == ASCII.carriageReturn
        } else {
            hold(bytes.extracting(position..<bytes.count), to: &output)
        }
    }

    /// Handles the LF of a CR LF that was split: it is emitted if its event was.
    ///
    /// - Returns: The number of bytes handled.
    private func completeLineEnd(_ bytes: Span<UInt8>, to output: inout [UInt8]) -> Int {
        guard awaitsLineFeed else { return 0 }
        awaitsLineFeed = false
        guard bytes[0] == ASCII.lineFeed else { return 0 }
        _ = boundaries.nextEnd(in: bytes.extracting(0..<1), from: 0)
        if !removedLast { output.append(bytes[0]) }
        return 1
    }

    /// Ends the stream after the upstream's clean end, and emits the bytes that were held.
    package func finish(to output: inout [UInt8]) {
        if !held.isEmpty { emitHeld(to: &output) }
        endLarge()
    }

    /// Holds the beginning or a further part of an event.
    private func hold(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        if large == nil {
            if held.count + bytes.count <= eventLimit { return held.append(bytes) }
            let event = LargeEvent(reader.paths)
            // Moved out, because a span of `held` would bar access to the rest of the transform.
            var beginning: [UInt8] = []
            swap(&beginning, &held)
            output.append(contentsOf: beginning)
            readLarge(event, beginning.span)
            large = event
        }
        output.append(bytes)
        if let large { readLarge(large, bytes) }
    }

    private func readLarge(_ event: LargeEvent, _ bytes: Span<UInt8>) {
        event.read(bytes)
        if event.hasData { hasSeenEvent = true }
    }

    /// Records the event that has passed in pieces, if one has.
    private func endLarge() {
        guard let event = large else { return }
        large = nil
        removedLast = false
        record(event)
    }

    private func record(_ event: LargeEvent) {
        guard !event.isDone else { return sawDone = true }
        known.add(event: event.metadata)
    }

    private func emitHeld(to output: inout [UInt8]) {
        // Moved out, because a span of `held` would bar access to the rest of the transform.
        var event: [UInt8] = []
        swap(&event, &held)
        if let removal = read(event: event.span) {
            output.append(event.span.extracting(0..<removal.lowerBound))
            output.append(event.span.extracting(removal.upperBound..<event.count))
        } else {
            output.append(contentsOf: event)
        }
        event.removeAll(keepingCapacity: true)
        swap(&event, &held)
    }

    // MARK: Events

    /// Records the content of `event`.
    ///
    /// - Returns: The range to remove; nil if the client gets all of it.
    private func read(event: Span<UInt8>) -> Range<Int>? {
        let range = removal(in: event)
        removedLast = range?.count == event.count
        return range
    }

    private func removal(in event: Span<UInt8>) -> Range<Int>? {
        let fields = EventFields(event)
        guard fields.dataLines > 0 else { return nil }
        // Not with the LF of a last CR LF: it may come in another piece, after the event.
        let endsWithBoth =
            event.count > 1 && event[event.count - 1] == ASCII.lineFeed
            && event[event.count - 2] == ASCII.carriageReturn
        guard event.count - (endsWithBoth ? 1 : 0) <= eventLimit else {
            // As if it had come in pieces.
            let whole = LargeEvent(reader.paths)
            readLarge(whole, event)
            record(whole)
            return nil
        }
        if let range = fields.data {
            switch read(data: event.extracting(range)) {
            case .nothing: return nil
            case .event: return 0..<event.count
            case .member(let member): return member.lowerBound + range.lowerBound..<member.upperBound + range.lowerBound
            }
        }
        // A member cannot be cut out of several lines.
        let joined = fields.joinedData(of: event)
        if case .event = read(data: joined.span) { return 0..<event.count }
        return nil
    }

    private enum Removal { case nothing, event, member(Range<Int>) }

    /// Records the content of an event's `data`, and returns the part to remove.
    private func read(data: Span<UInt8>) -> Removal {
        guard data.count > 0 else { return .nothing }
        hasSeenEvent = true
        if let text = pattern.text(in: data) {
            known.counters.addDelta(scalars: text.scalars, utf8Bytes: text.utf8Bytes)
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
            // What cannot be read may be text.
            _ = recordDocument(data, unread: data.count - error.offset)
            return .nothing
        }
        let hasOnlyText = recordDocument(data)
        let removal = hidesUsage && !reader.paths.isError(reader.scanner) ? usageRemoval() : .nothing
        if hasOnlyText { remember(data, removal) }
        return removal
    }

    /// Records the document in the reader.
    ///
    /// - Parameter unread: the bytes after a fault in it.
    /// - Returns: True if it contains text and nothing else that differs from event to event.
    private func recordDocument(_ data: Span<UInt8>, unread: Int = 0) -> Bool {
        let paths = reader.paths
        if known.id == nil || known.model == nil { known.readNames(from: reader.scanner, hasOwnID: paths.hasOwnID) }
        if known.backend == nil, reader.scanner.kind(ResponsePaths.backend) == .object,
            let range = reader.scanner.found(ResponsePaths.backend)?.range
        {
            known.readBackend(data.extracting(range))
        }
        let usage = paths.usage(in: reader.scanner)
        let isError = paths.isError(reader.scanner)
        if isError { known.isError = true }
        if usage?.isStated != true, paths.hasUsage(reader.scanner) { known.counters.hasUnreadUsage = true }
        let content = paths.textLength(in: reader.scanner)
        known.counters.add(
            usage: usage, images: paths.images(in: reader.scanner), scalars: content.scalars + unread,
            utf8Bytes: content.utf8Bytes + unread)
        return usage == nil && !isError && content.utf8Bytes > 0
    }

    /// The part of the document in the reader that the client did not request.
    private func usageRemoval() -> Removal {
        guard let usage = reader.scanner.found(ResponsePaths.usage) else { return .nothing }
        if usage.kind == .object {
            guard let choices = reader.scanner.found(ResponsePaths.choices) else { return .event }
            if choices.kind == .array, choices.contentIsEmpty { return .event }
        }
        return usage.removal.map { .member($0) } ?? .nothing
    }

    /// Remembers `data`, a document with only text, as a pattern if its text is one string.
    private func remember(_ data: Span<UInt8>, _ removal: Removal) {
        let removed: Range<Int>?
        switch removal {
        case .nothing: removed = nil
        case .member(let member): removed = member
        case .event: return
        }
        guard data.count <= Self.patternLimit, let text = reader.paths.onlyText(in: reader.scanner),
            pattern.remember(data, text: text)
        else { return }
        patternRemoval = removed
    }
}
