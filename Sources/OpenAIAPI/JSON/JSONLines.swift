import Bytes

/// Splits JSON lines, in any split of the file. Blank lines are skipped.
struct JSONLines {
    /// Bytes of the present line.
    private(set) var byteCount = 0
    private var isBlank = true

    /// Reads the next piece of the file.
    ///
    /// - Parameters:
    ///   - part: called with each part of a line, without its end.
    ///   - end: called at the end of a line that is not blank, while `byteCount` is its length.
    mutating func scan(_ bytes: Span<UInt8>, part: (Span<UInt8>) -> Void, end: (Int) -> Void) {
        var start = 0
        while start < bytes.count {
            let lineEnd = bytes.index(of: ASCII.lineFeed, from: start)
            let piece = bytes.extracting(start..<lineEnd)
            byteCount += piece.count
            isBlank = isBlank && piece.allSatisfy { $0 <= 0x20 }
            part(piece)
            if lineEnd < bytes.count { finish(end) }
            start = lineEnd + 1
        }
    }

    /// Ends the file, and with it a last line without a line end.
    mutating func finish(_ end: (Int) -> Void) {
        if !isBlank { end(byteCount) }
        byteCount = 0
        isBlank = true
    }
}
