import Bytes

/// The end of a line in a head (RFC 9112, sections 2.2 and 5).
extension Span<UInt8> {
    /// The first control byte from `start` on that is not a tab; `count` if there is none.
    @inline(__always)
    func endOfText(from start: Int) -> Int {
        var end = indexOfControl(from: start, to: count)
        while end < count, self[end] == ASCII.tab { end = indexOfControl(from: end + 1, to: count) }
        return end
    }

    /// The position after the CR LF at `index`; nil while a part of it is missing.
    ///
    /// - Parameter fault: the error for a byte that ends no line.
    @inline(__always)
    func endOfLine(at index: Int, fault: HTTP1Error) throws(HTTP1Error) -> Int? {
        guard index < count else { return nil }
        guard self[index] == ASCII.carriageReturn else {
            throw self[index] == ASCII.lineFeed ? .invalidLineEnding : fault
        }
        guard index + 1 < count else { return nil }
        guard self[index + 1] == ASCII.lineFeed else { throw .invalidLineEnding }
        return index + 2
    }
}
