import Bytes

/// Writer of the chunked transfer coding (RFC 9112, section 7.1).
package enum ChunkedCoding {
    /// Appends the line that begins a chunk of `size` bytes, such as `1a\r\n`. `size` is above 0: an empty chunk would
    /// end the body.
    package static func begin(size: Int, to output: inout [UInt8]) {
        precondition(size > 0)
        var shift = (Int.bitWidth - 1 - size.leadingZeroBitCount) & ~3
        while shift >= 0 {
            output.append(Hexadecimal.digit(UInt8(truncatingIfNeeded: size >> shift)))
            shift -= 4
        }
        output.append("\r\n")
    }

    /// Appends the line end that follows a chunk's data.
    package static func endChunk(to output: inout [UInt8]) {
        output.append("\r\n")
    }

    /// Appends the last chunk and the end of a body without trailers.
    package static func last(to output: inout [UInt8]) {
        output.append("0\r\n\r\n")
    }
}
