import Bytes

/// The `data` of one complete server-sent event (WHATWG HTML, section 9.2.6).
package struct EventFields: Sendable {
    /// The payload of the only `data` line, without the first space; nil if there is no `data` line, or more than one: see
    /// `joinedData(of:)`.
    package let data: Range<Int>?
    /// The number of `data` lines.
    package let dataLines: Int
    /// True if no line has a field, only comments or nothing. Readers ignore such an event.
    package let isCommentOnly: Bool

    private let isFirst: Bool

    /// - Parameters:
    ///   - event: the event with its blank line, as `EventBoundaryScanner` cuts it. Line ends at its beginning are skipped.
    ///   - isFirst: true for the first event of a stream, which can begin with a byte-order mark.
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

    /// The payloads of all `data` lines, separated by LF. `event` must be the event given to `init`.
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

    /// The payload of `line` if its field is `data`; else nil. A line without a colon is a field without a value.
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

/// Reads the lines of an event in turn, without their ends.
private struct EventLines {
    private var position: Int

    init(_ event: Span<UInt8>, isFirst: Bool) {
        position = isFirst && ByteOrderMark.begins(event) ? ByteOrderMark.length : 0
    }

    mutating func next(in event: Span<UInt8>) -> Range<Int>? {
        guard position < event.count else { return nil }
        let start = position
        let end = event.indexOfLineEnd(from: start)
        // An LF after a CR counts as a blank line, which has no effect.
        position = end + 1
        return start..<end
    }
}
