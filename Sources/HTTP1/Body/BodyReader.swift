/// What a body reader found.
package enum BodyEvent: Hashable, Sendable {
    /// The bytes are used up and the body is not complete.
    case needsMore
    /// A piece of the body, without its framing: a range of the bytes given.
    case data(Range<Int>)
    /// The body is complete.
    case end
}

/// Takes a body's framing away, from any split of its bytes (RFC 9112, 6 and 7). It keeps no data, and holds no memory
/// but for trailers.
package struct BodyReader: ~Copyable {
    @usableFromInline enum State: Sendable {
        case complete
        case length(UInt64)
        case chunked
        case untilClose
    }

    @usableFromInline var state: State
    /// Of use in `.chunked` alone, yet no payload of it: moving it out of the state and back would cost more than a
    /// chunk's line.
    private var chunks: ChunkedReader

    /// The trailer fields of a chunked body once it is complete; else empty.
    package var trailers: HeaderFields { chunks.trailers }

    /// `trailerLimit`: bytes of the trailer section of a chunked body, its closing empty line included; at least 1.
    package init(_ framing: BodyFraming, trailerLimit: Int = 8192) {
        chunks = ChunkedReader(trailerLimit: trailerLimit)
        switch framing {
        case .none, .length(0): state = .complete
        case .length(let length): state = .length(length)
        case .chunked: state = .chunked
        case .untilClose: state = .untilClose
        }
    }

    /// Whether the last byte of the message has been taken. `.none` and `.length(0)` are complete at once.
    @inlinable package var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// What comes next at `position` (0...count) of `bytes`; moves `position` behind what it took. Where the body is
    /// complete it takes nothing: what is at `position` is the next message. After an error the reader is of no more
    /// use.
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

    /// The peer has closed its side: the end of a body that lasts until then, no harm to a complete one.
    ///
    /// Throws `.unexpectedEnd` where bytes are missing; the body must then not look complete to anybody downstream.
    package mutating func endOfStream() throws(HTTP1Error) {
        switch state {
        case .complete: break
        case .untilClose: state = .complete
        case .length, .chunked: throw .unexpectedEnd
        }
    }
}
