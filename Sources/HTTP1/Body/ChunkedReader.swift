import Bytes

/// Reads the chunked transfer coding (RFC 9112, section 7.1).
///
/// A size consists of hexadecimal digits only, without sign, `0x` or white space before it, and is below 2^63. Extensions
/// and trailers are checked and dropped, as a recipient may that removes the coding (section 7.1.2). So a trailer that
/// names a field of framing or routing has no effect (RFC 9110, section 6.5.1).
struct ChunkedReader: ~Copyable {
    /// Bytes of one chunk's line without CRLF. Longer ones have no known use except to keep a parser busy.
    private static let lineLimit = 4096
    private enum State: Sendable {
        case size
        case `extension`(ChunkExtension)
        /// After the CR of a chunk's line.
        case lineFeed
        case data
        /// The CRLF after the data.
        case dataCarriageReturn, dataLineFeed
        /// After the line of the last chunk.
        case lastChunk
        /// After the CR of the empty line, in a message without trailers.
        case finalLineFeed
        case trailers
        case complete
    }

    private var state = State.size
    /// The size that was read so far, then the number of data bytes left.
    private var remaining: UInt64 = 0
    private var digits = 0
    private var lineLength = 0
    private let trailerLimit: Int
    /// Set in `.trailers`. A class: few bodies have trailers, and inline it would be most of the reader's size.
    private var trailerSection: TrailerSection?

    init(trailerLimit: Int) {
        self.trailerLimit = trailerLimit
    }

    mutating func next(_ bytes: Span<UInt8>, _ position: inout Int) throws(HTTP1Error) -> BodyEvent {
        while true {
            if case .complete = state { return .end }
            guard position < bytes.count else { return .needsMore }
            switch state {
            case .data:
                let start = position
                position += Int(min(remaining, UInt64(bytes.count - start)))
                remaining -= UInt64(position - start)
                if remaining == 0 { state = .dataCarriageReturn }
                return .data(start..<position)
            case .lastChunk where bytes[position] != ASCII.carriageReturn:
                state = .trailers
                trailerSection = TrailerSection(limit: trailerLimit)
            case .trailers:
                guard let section = trailerSection else { preconditionFailure("trailers without their section") }
                guard let end = try section.read(bytes.extracting(position..<bytes.count)) else {
                    position = bytes.count
                    return .needsMore
                }
                position += end
                trailerSection = nil
                state = .complete
            case .size where digits == 0 && readPlainSize(bytes, &position):
                break
            default:
                try step(bytes[position])
                position += 1
            }
        }
    }

    /// Reads a whole line that holds only a size, as nearly all do, in one step.
    ///
    /// - Returns: false for any other line, which it leaves whole. `step` then reads it byte by byte.
    private mutating func readPlainSize(_ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
        var index = position
        var size: UInt64 = 0
        // Eight digits cannot overflow.
        let end = min(position + 8, bytes.count)
        while index < end, let digit = Hexadecimal.value(of: bytes[index]) {
            size = size << 4 | UInt64(digit)
            index += 1
        }
        guard index > position, index + 1 < bytes.count, bytes[index] == ASCII.carriageReturn,
            bytes[index + 1] == ASCII.lineFeed
        else { return false }
        position = index + 2
        remaining = size
        state = size == 0 ? .lastChunk : .data
        return true
    }

    /// Reads one byte of the framing.
    private mutating func step(_ byte: UInt8) throws(HTTP1Error) {
        switch state {
        case .size: try stepSize(byte)
        case .extension(var chunkExtension):
            try countLine(byte)
            if try chunkExtension.step(byte) {
                state = .lineFeed
            } else {
                state = .extension(chunkExtension)
            }
        case .lineFeed:
            guard byte == ASCII.lineFeed else { throw .invalidLineEnding }
            state = remaining == 0 ? .lastChunk : .data
            digits = 0
            lineLength = 0
        case .dataCarriageReturn:
            guard byte == ASCII.carriageReturn else { throw .missingChunkEnd }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == ASCII.lineFeed else { throw .missingChunkEnd }
            state = .size
        case .lastChunk: state = .finalLineFeed
        case .finalLineFeed:
            guard byte == ASCII.lineFeed else { throw .invalidLineEnding }
            state = .complete
        case .data, .trailers, .complete: preconditionFailure("not a state of single bytes")
        }
    }

    private mutating func stepSize(_ byte: UInt8) throws(HTTP1Error) {
        if let digit = Hexadecimal.value(of: byte) {
            digits += 1
            // Leading zeros are part of the grammar, so the line's limit is the only one for them.
            guard digits <= Self.lineLimit else { throw .chunkLineTooLong }
            guard remaining >> 59 == 0 else { throw .invalidChunkSize }
            remaining = remaining << 4 | UInt64(digit)
            return
        }
        guard digits > 0 else { throw .invalidChunkSize }
        switch byte {
        case ASCII.carriageReturn: state = .lineFeed
        case ASCII.semicolon, ASCII.space, ASCII.tab:
            lineLength = digits
            try countLine(byte)
            var chunkExtension = ChunkExtension()
            _ = try chunkExtension.step(byte)
            state = .extension(chunkExtension)
        case ASCII.lineFeed: throw .invalidLineEnding
        default: throw .invalidChunkSize
        }
    }

    private mutating func countLine(_ byte: UInt8) throws(HTTP1Error) {
        guard byte != ASCII.carriageReturn else { return }
        lineLength += 1
        guard lineLength <= Self.lineLimit else { throw .chunkLineTooLong }
    }
}

/// Checker of the trailer section after a chunked body (RFC 9112, section 7.1.2).
private final class TrailerSection {
    private var assembler: HeadAssembler<NoStartLine>

    init(limit: Int) { assembler = HeadAssembler(limit: limit) }

    /// Reads bytes. Returns how many of them belong to the section once it is complete; nil while it needs more.
    func read(_ bytes: Span<UInt8>) throws(HTTP1Error) -> Int? { try assembler.read(bytes) }
}

/// Empty start line: a trailer section begins with its fields.
struct NoStartLine: StartLine {
    static var tooLong: HTTP1Error { .trailersTooLarge }
    static var sectionTooLarge: HTTP1Error { .trailersTooLarge }
    static var section: FieldSection.Kind { .trailers }

    mutating func parse(_ window: Span<UInt8>) throws(HTTP1Error) -> Int? { 0 }
}
