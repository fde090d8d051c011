import Bytes

/// The `data` of one complete server-sent event (WHATWG HTML, 9.2.6).
package struct EventFields: Sendable {
    /// The payload of the only `data` line, without the one space that may precede it; nil where there is none, or more
    /// than one, which `joinedData(of:)` puts together.
    package let data: Range<Int>?
    /// How many `data` lines there are.
    package let dataLines: Int
    /// No line has a field: there are comments, or nothing at all. A reader ignores such an event.
    package let isCommentOnly: Bool

    private let isFirst: Bool

    /// - Parameters:
    ///   - event: From behind the event before to behind the blank line, as `EventBoundaryScanner` cuts it. Line ends
    ///     at its beginning are passed over.
    ///   - isFirst: A byte-order mark at its beginning means nothing, as is so at the beginning of a stream only.
    package init(_ event: Span<UInt8>, isFirst: Bool = true) {
        self.isFirst = isFirst
        var lines = EventLines(event, isFirst: isFirst)
        var data: Range<Int>?
        var dataLines = 0
        var isCommentOnly = true
        while let line = lines.next(in: event) {
            guard !line.isEmpty, event[line.lowerBound] != ASCII.colon else { continue }
            isCommentOnly = false
            guard let payload = Self.data(ofLine: line, in: event) else { continue }
            dataLines += 1
            data = dataLines == 1 ? payload : nil
        }
        self.data = data
        self.dataLines = dataLines
        self.isCommentOnly = isCommentOnly
    }

    /// The payloads of all `data` lines with an LF between each two. `event` is what this was made of.
    package func joinedData(of event: Span<UInt8>) -> [UInt8] {
        var joined: [UInt8] = []
        var lines = EventLines(event, isFirst: isFirst)
        var needsLineFeed = false
        while let line = lines.next(in: event) {
            guard let payload = Self.data(ofLine: line, in: event) else { continue }
            if needsLineFeed { joined.append(ASCII.lineFeed) }
            needsLineFeed = true
            joined.append(payload, of: event)
        }
        return joined
    }

    /// The payload of `line` if its field is `data`. A line without a colon is a field without a value.
    private static func data(ofLine line: Range<Int>, in event: Span<UInt8>) -> Range<Int>? {
        guard event.hasPrefix("data", from: line.lowerBound, to: line.upperBound) else { return nil }
        var start = line.lowerBound + 4
        if start == line.upperBound { return start..<start }
        guard event[start] == ASCII.colon else { return nil }
        start += 1
        if start < line.upperBound, event[start] == ASCII.space { start += 1 }
        return start..<line.upperBound
    }
}

/// The lines of an event one after the other, without their ends.
private struct EventLines {
    private var position: Int

    init(_ event: Span<UInt8>, isFirst: Bool) {
        position = isFirst && ByteOrderMark.begins(event) ? ByteOrderMark.length : 0
    }

    mutating func next(in event: Span<UInt8>) -> Range<Int>? {
        guard position < event.count else { return nil }
        let start = position
        let end = event.indexOfLineEnd(from: start)
        // Whether LF follows a CR does not matter: it would be one more blank line, and those hold nothing.
        position = end + 1
        return start..<end
    }
}
