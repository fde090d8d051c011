import Bytes

/// Finds the ends of server-sent events (WHATWG HTML, section 9.2.6) in pieces of any size.
///
/// Lines end with LF, CR LF or CR. A blank line ends an event. Each further blank line is an event without content, so that every byte
/// of the stream belongs to an event. A byte-order mark at the start of the stream is not part of a line.
///
/// ```swift
/// var position = 0
/// while let end = boundaries.nextEnd(in: piece, from: position) {
///     process(piece.extracting(position..<end))
///     position = end
/// }
/// keep(piece.extracting(position..<piece.count))  // the beginning of the next event
/// ```
package struct EventBoundaryScanner: Sendable {
    /// The bytes of a byte-order mark at the start of the stream so far; 3 also when no mark can follow.
    private var markBytes = 0
    private var lineIsEmpty = true
    /// True after a CR at the end of a piece: an LF now belongs to the same line end.
    private var isAfterReturn = false

    package init() {}

    /// Scans `bytes` from `position` for the end of the next event.
    ///
    /// Call it again with the offset that it returned until it returns nil, then with the next piece from 0.
    ///
    /// - Returns: the offset after the blank line that ends the event; nil if the event does not end in `bytes`. If a CR at the end
    ///   of the piece ends the event, it ends at once. An LF after it is then the first byte of the next event.
    package mutating func nextEnd(in bytes: Span<UInt8>, from position: Int) -> Int? {
        var index = position
        while index < bytes.count {
            if isAfterReturn {
                isAfterReturn = false
                if bytes[index] == ASCII.lineFeed {
                    index += 1
                    continue
                }
            }
            if markBytes < 3, scanMark(bytes[index]) {
                index += 1
                continue
            }
            let end = bytes.indexOfLineEnd(from: index)
            if end > index { lineIsEmpty = false }
            guard end < bytes.count else { return nil }
            let wasEmpty = lineIsEmpty
            lineIsEmpty = true
            index = end + 1
            if bytes[end] == ASCII.carriageReturn {
                if index == bytes.count {
                    isAfterReturn = true
                } else if bytes[index] == ASCII.lineFeed {
                    index += 1
                }
            }
            if wasEmpty { return index }
        }
        return nil
    }

    /// Returns true if `byte` is the next one of a byte-order mark.
    private mutating func scanMark(_ byte: UInt8) -> Bool {
        if byte == ByteOrderMark.byte(at: markBytes) {
            markBytes += 1
            return true
        }
        // The bytes that looked like a mark are the beginning of the line.
        if markBytes > 0 { lineIsEmpty = false }
        markBytes = 3
        return false
    }
}
