import Bytes

/// Finds where server-sent events end (WHATWG HTML, 9.2.6), over any split of the stream.
///
/// Lines end with LF, CR LF or CR; a blank line ends an event. Several blank lines in a row are events without content,
/// so that every byte of the stream belongs to one. A byte-order mark at the start of the stream is no part of a line.
package struct EventBoundaryScanner: Sendable {
    /// How much of the byte-order mark has been seen at the start of the stream; 3 also where none can follow.
    private var markBytes = 0
    private var lineIsEmpty = true
    /// The last byte was a CR: an LF now belongs to the same line end.
    private var isBehindReturn = false

    package init() {}

    /// The offset just behind the blank line that ends the next event, at or after `position` in `bytes`; nil where it
    /// does not end in these bytes, all of which are then taken in.
    ///
    /// Call it again with the offset it gave, until it is nil, then with the next bytes from 0. Where a CR that ends an
    /// event is the last byte there is, the event ends with it at once; an LF that follows is the next event's first
    /// byte.
    package mutating func nextEnd(in bytes: Span<UInt8>, from position: Int) -> Int? {
        var index = position
        while index < bytes.count {
            if isBehindReturn {
                isBehindReturn = false
                if bytes[index] == ASCII.lineFeed {
                    index += 1
                    continue
                }
            }
            if markBytes < 3, takeMark(bytes[index]) {
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
                    isBehindReturn = true
                } else if bytes[index] == ASCII.lineFeed {
                    index += 1
                }
            }
            if wasEmpty { return index }
        }
        return nil
    }

    /// Whether `byte` is the next one of a byte-order mark.
    private mutating func takeMark(_ byte: UInt8) -> Bool {
        if byte == ByteOrderMark.byte(at: markBytes) {
            markBytes += 1
            return true
        }
        // What looked like a mark is the line's beginning.
        if markBytes > 0 { lineIsEmpty = false }
        markBytes = 3
        return false
    }
}

/// U+FEFF in UTF-8, which a stream may begin with and which means nothing.
enum ByteOrderMark {
    static let length = 3

    @inline(__always)
    static func byte(at index: Int) -> UInt8 {
        switch index {
        case 0: 0xEF
        case 1: 0xBB
        default: 0xBF
        }
    }

    static func begins(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= length && (0..<length).allSatisfy { bytes[$0] == byte(at: $0) }
    }
}
