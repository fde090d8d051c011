/// Result of a step of a body reader.
package enum BodyEvent: Hashable, Sendable {
    /// All bytes are consumed and the body is not complete.
    case needsMore
    /// A piece of the body without its framing, as a range of the given bytes.
    case data(Range<Int>)
    /// The body is complete.
    case end
}

/// Removes a body's framing, for any split of its bytes (RFC 9112, sections 6 and 7).
///
/// Keeps no data. Checks trailers and drops them; allocates memory for them only.
@usableFromInline package struct BodyReader: ~Copyable {
    @usableFromInline enum State: Sendable {
        case complete
        case length(UInt64)
        case chunked
        case untilClose
    }

    @usableFromInline var state: State
    /// Used in `.chunked` only. Not a payload of that case: moving it out of the state and back would cost more than
    /// parsing a chunk's line.
    private var chunks: ChunkedReader

    /// A reader for a body with `framing`.
    ///
    /// - Parameter trailerLimit: bytes of a chunked body's trailer section with its empty line; at least 1.
    package init(_ framing: BodyFraming, trailerLimit: Int = 8192) {
        chunks = ChunkedReader(trailerLimit: trailerLimit)
        switch framing {
        case .none, .length(0): state = .complete
        case .length(let length): state = .length(length)
        case .chunked: state = .chunked
        case .untilClose: state = .untilClose
        }
    }

    /// True once the message's last byte was consumed. `.none` and `.length(0)` are complete from the start.
    @inlinable package var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// Reads the next step at `position` (0...count) of `bytes`, and moves `position` to the first byte it did not use.
    ///
    /// Consumes nothing once the body is complete: the bytes at `position` then belong to the next message. Do not call
    /// it again after an error.
    package mutating func next(_ bytes: Span<UInt8>, _ position: inout Int) throws(HTTP1Error) -> BodyEvent {
        switch state {
        case .complete:
            return .end
        case .length(let remaining):
            let available = bytes.count - position
            guard available > 0 else { return .needsMore }
            let start = position
            if UInt64(available) < remaining {
                state = .length(remaining - UInt64(available))
                position = bytes.count
            } else {
                state = .complete
                position += Int(remaining)
            }
            return .data(start..<position)
        case .untilClose:
            guard position < bytes.count else { return .needsMore }
            defer { position = bytes.count }
            return .data(position..<bytes.count)
        case .chunked:
            let event = try chunks.next(bytes, &position)
            if event == .end { state = .complete }
            return event
        }
    }

    /// Reports that the peer has closed its side. Ends a body that lasts until the close.
    ///
    /// - Throws: `.unexpectedEnd` where bytes are missing. The body must then not look complete to any receiver.
    package mutating func endOfStream() throws(HTTP1Error) {
        switch state {
        case .complete: break
        case .untilClose: state = .complete
        case .length, .chunked: throw .unexpectedEnd
        }
    }
}
